"""Q02: a quota should hold what its namespace needs, including a takeover.

Kubernetes refuses a pod that exceeds a quota, and the Deployment waits forever: a takeover stops with the old version
still in place. The need is the sum of all services at their maximum, the pods that a rollout adds, and the largest
takeover, in which a new version starts beside the old one; a quota below it is a warning. A pod without a request for a
resource that the quota limits is always refused: that is an error.

Passes, with replicas of 2~4 (4, 1 for a rollout, 2 for a takeover):

    quota: {pods: 7}

Fails:

    quota: {pods: 4}
"""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal
from typing import TYPE_CHECKING, Final

from generator.checks.fleet.capacity import ResourceNeed, quota_usage, resource_needs
from generator.core.finding import Finding, Severity
from generator.fleet.namespaces import namespaces, quota_entries
from generator.render.cluster.quotas import hard_names
from generator.spec.values.quantity import amount

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.fleet.namespaces import Namespace, QuotaEntry
    from generator.render.objects import ObjectRenderer
    from generator.render.pod_requests import PodRequests

ID: Final = "Q02"
SEVERITY: Final = Severity.WARNING
# The units for memory in messages, binary and decimal, with their sizes in bytes.
_UNITS: Final = {"i": ("Gi", Decimal(2) ** 30), "": ("G", Decimal(10) ** 9)}


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield a finding for each key of a quota that is too small, and for each service whose pods a quota refuses."""
    written = [(space, found) for space in namespaces(context.fleet) if (found := quota_entries(context.fleet, space))]
    if not written:
        return
    from generator.render.objects import ObjectRenderer  # what renders pods: few fleets need it here

    objects = ObjectRenderer(context.fleet.catalog.loader)
    for space, own in written:
        yield from _check_namespace(context, objects, space, own)


def _check_namespace(
    context: CheckContext, objects: ObjectRenderer, space: Namespace, written: dict[str, QuotaEntry]
) -> Iterator[Finding]:
    from generator.render.pod_requests import pod_requests

    facts = context.fleet.contexts[space.environment].facts
    card = objects.placements.card_resource(facts)
    names = hard_names(card)
    now, successions = quota_usage(context.fleet, context.routing, space)
    running = [pod_requests(objects, instance) for instance in now]
    pairs = [(pod_requests(objects, old), pod_requests(objects, new)) for old, new in successions]
    for key, bound in written.items():
        if key not in names:
            message = f"the GPU backend {facts.gpu.backend} does not count cards, so a quota on gpu has no effect"
            yield Finding(ID, message, bound.position, "remove gpu from the quota", severity=Severity.ERROR)
            continue
        yield from _unasked(key, bound, space, running)
        found = resource_needs(names[key], running, pairs)
        found = found.in_units(card.units) if key == "gpu" and card is not None else found
        if found.total > (amount(bound.value) or Decimal(0)):
            yield _too_small(key, bound, space, found)


def _unasked(key: str, bound: QuotaEntry, space: Namespace, running: list[PodRequests]) -> Iterator[Finding]:
    for one in running:
        if key in one.unasked:
            name = one.instance.service.name
            message = f"{name} requests no {key}, and the quota of {space.name} rejects pods without such a request"
            hint, also = f"write resources.{key}", (bound.position,)
            position = one.instance.position("resources", key)
            yield Finding(
                ID, message, position, hint, severity=Severity.ERROR, also=also, environments=(space.environment,)
            )


def _too_small(key: str, bound: QuotaEntry, space: Namespace, found: ResourceNeed) -> Finding:
    written = str(bound.value)
    parts = [f"{_shown(key, found.steady, written)} for its services at their maximum"]
    if found.rollout:
        parts.append(f"{_shown(key, found.rollout, written)} for a rollout")
    if found.takeover > 0 and found.newcomer is not None:
        parts.append(f"{_shown(key, found.takeover, written)} for a takeover such as by {found.newcomer.service.name}")
    missing = found.total - (amount(written) or Decimal(0))
    total = _shown(key, found.total, written)
    message = (
        f"the quota of {space.name} has {written} for {key}, and {total} may be needed "
        f"({', '.join(parts)}): {_shown(key, missing, written)} more"
    )
    hint = f"write {key}: {total}, or request less per replica"
    also = (found.newcomer.position("replicas"),) if found.newcomer is not None else ()
    return Finding(ID, message, bound.position, hint, severity=SEVERITY, also=also, environments=(space.environment,))


def _shown(key: str, value: Decimal, written: str) -> str:
    """Format an amount for users: memory in the unit kind of the quota, rounded up to a tenth."""
    unit, factor = _UNITS["i" if written.endswith("i") else ""] if key == "memory" else ("", Decimal(1))
    step = Decimal("0.1") if key == "memory" else Decimal("0.001")
    text = format((value / factor).quantize(step, ROUND_CEILING).normalize(), "f")
    return f"{text}{unit}"

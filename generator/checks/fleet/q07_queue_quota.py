"""Q07: Kueue must be able to count what a service requests.

Kueue never admits a pod that requests a resource for which its ClusterQueue has no quota. A share of a card in percent
cannot be added up over cards of different sizes; the memory of the share in MiB can.

Source: sigs.k8s.io/kueue v0.19.2, pkg/scheduler/flavorassigner.

Passes, with kueue: {quota: {gpu: 8, resources: {nvidia.com/gpumem: 120000, nvidia.com/gpucores: 800}}}:

    resources: {gpu: 0.2(T4)}

Fails:

    resources: {gpu: 0.2}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity
from generator.fleet.queues import cluster_queue_of, cluster_queues, nominal_quotas, queue_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.checks.fleet.placements import Placements
    from generator.fleet.model import Fleet, ServiceInstance

ID: Final = "Q07"
SEVERITY: Final = Severity.ERROR
_PERCENT: Final = "-percentage"


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield an error for each resource that Kueue does not count."""
    placements = context.placements
    for instance in context.instances:
        if queue_of(instance) is not None:
            yield from _uncounted(context.fleet, placements, instance)


def _uncounted(fleet: Fleet, placements: Placements, instance: ServiceInstance) -> Iterator[Finding]:
    facts = instance.environment.facts
    assert facts.kueue is not None  # the service has a queue
    name = cluster_queue_of(facts.kueue, instance.service.project)
    quota, path = cluster_queues(facts.kueue)[name]
    card = placements.card_resource(facts)
    counted = nominal_quotas(quota, card)
    place = instance.position("resources", "gpu")
    also = (fleet.platform_position("clusters", instance.environment.cluster, *path),)
    where = (instance.environment.name,)
    asked = list(placements.of(instance).limits)
    for resource in (one for one in asked if one.endswith(_PERCENT)):
        message = f"{instance.service.name} requests {resource}, and Kueue cannot add up percentages of cards"
        hint = "write the memory of the share before it, for example 3G,0.2(T4), or queue: none"
        yield Finding(ID, message, place, hint, also=also, environments=where)
    missing = [one for one in asked if one not in counted and not one.endswith(_PERCENT)]
    if missing:
        message = (
            f"{instance.service.name} requests {', '.join(missing)}, for which the ClusterQueue {name} has no quota"
        )
        keys = _keys(missing, card.name if card is not None else None)
        hint = f"add {keys} to the quota: Kueue never admits its pods"
        yield Finding(ID, message, place, hint, also=also, environments=where)


def _keys(resources: list[str], card: str | None) -> str:
    """Return the keys of a quota for resources, as YAML."""
    others = ", ".join(f"{one}: …" for one in resources if one != card)
    found = [*(["gpu: …"] if card in resources else []), *([f"resources: {{{others}}}"] if others else [])]
    return ", ".join(found)

"""S07: a single replica that must end before its successor starts is a gap at each update.

Only one pod can hold a certain whole card, a claim that one node or one pod mounts, or a port of the node. A second pod
beside it might never start, so that `update: auto` ends the old pod first. In environments of stage prod the spec
should say that the gap is meant, with `update: replace`. If as many cards are free for the time of an update, `update:
surge` starts the new pod first; Q02 compares the quota with both pods. A super node starts a card with each pod, so
that no card needs to be free. A patch of the strategy that ends all replicas before the next ones start is a gap too,
with any number of them.

Passes:

    resources: {gpu: 1(T4)}
    update: surge

Fails:

    resources: {gpu: 1(T4)}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.checks.fleet.patched import below, deployment, patched_value
from generator.checks.fleet.replicas import at_least, at_most, count_replicas
from generator.core.finding import Finding, Severity
from generator.render.exclusive import exclusive
from generator.render.views.context import ServiceContext
from generator.render.views.scaling import strategy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.fleet.model import ServiceInstance
    from generator.render.exclusive import Exclusive
    from generator.render.views.context import Scheduling

ID: Final = "S07"
SEVERITY: Final = Severity.WARNING


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield a warning for each single replica in production that is replaced without a word in the spec."""
    placements = context.placements
    for instance in context.production_instances:
        if instance.settings.update in (None, "auto") and at_most(instance) == 1 and context.routing.runs(instance):
            held = exclusive(ServiceContext(instance, placements.of(instance)))
            if held and not _is_card_unknown(instance):
                yield _finding(instance, held)
                continue
        if instance.settings.patches and instance.settings.update != "replace" and context.routing.runs(instance):
            yield from _patched(instance, placements.of(instance))


def _patched(instance: ServiceInstance, placement: Scheduling) -> Iterator[Finding]:
    """Yield a warning at the patch that ends all replicas at once."""
    replicas, name = at_least(instance), instance.service.name
    tree = deployment(instance)
    tree["spec"]["strategy"] = strategy(ServiceContext(instance, placement))
    asked, index = patched_value(instance, tree, "spec", "strategy")
    most = below(asked, "rollingUpdate", "maxUnavailable")
    at_once = below(asked, "type") == "Recreate" or (
        replicas > 1 and (count_replicas(most, replicas, up=False) or 0) >= replicas
    )
    if index is not None and at_once:
        message = f"each update stops {name}: its {replicas} replicas end before the next ones start"
        hint = "remove the patch, or write update: replace too, if the gap is meant"
        place, where = instance.position("patches", index, "spec", "strategy"), (instance.environment.name,)
        yield Finding(ID, message, place, hint, severity=SEVERITY, environments=where)


def _is_card_unknown(instance: ServiceInstance) -> bool:
    """Whether the spec names a card that the cluster does not have, which G01 reports."""
    gpu = instance.settings.gpu
    return gpu is not None and gpu.card is not None and instance.card is None


def _finding(instance: ServiceInstance, held: Exclusive) -> Finding:
    if held.claims:
        what, place = f"the claim {held.claims[0]}", instance.position("volumes")
        way = "write update: replace if the gap is meant, or use a claim with ReadWriteMany"
    elif held.node_port:
        what, place = "a port of its node", instance.position("patches")
        way = "write update: replace if the gap is meant, or remove the port of the node from `patches`"
    else:
        what, place = "whole cards", instance.position("resources", "gpu")
        way = "write update: surge if as many cards are free for an update, or update: replace if the gap is meant"
    message = f"each update stops {instance.service.name}: its only replica has {what}, and ends before the next starts"
    return Finding(ID, message, place, way, severity=SEVERITY, environments=(instance.environment.name,))

"""S15: a disruption budget should let a drained node evict one replica.

A patch can set the bounds of the PodDisruptionBudget so that no replica may ever be missing: `maxUnavailable: 0`, or a
`minAvailable` that is not below the lowest number of replicas. Then an upgrade of the nodes waits for ever, or its tool
deletes the pods without asking.

Source: Kubernetes documentation, Specifying a Disruption Budget for your Application. Percentages are rounded up.

Passes:

    replicas: 3
    patches:
      - {kind: PodDisruptionBudget, spec: {minAvailable: 2}}

Fails:

    replicas: 3
    patches:
      - {kind: PodDisruptionBudget, spec: {minAvailable: 3}}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.checks.fleet.patched import apply_patches, below
from generator.checks.fleet.replicas import at_least, count_replicas
from generator.core.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.fleet.model import ServiceInstance
    from generator.render.engine.shapes import Tree

ID: Final = "S15"
SEVERITY: Final = Severity.WARNING


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield a warning for each budget after whose patches no replica may be evicted."""
    for instance in context.instances:
        if instance.rules.disruption_budget and instance.settings.patches:
            yield from _blocked(instance)


def _blocked(instance: ServiceInstance) -> Iterator[Finding]:
    replicas = at_least(instance)
    budget: dict[str, Any] = {"kind": "PodDisruptionBudget", "metadata": {"name": instance.service.name}}
    budget |= {"apiVersion": "policy/v1", "spec": {"maxUnavailable": 1}}
    last = next(reversed([*apply_patches(instance, budget)]), None)
    bound = _bound(last[1], replicas) if last is not None else None
    if last is not None and bound is not None:
        name, count = instance.service.name, "replica" if replicas == 1 else "replicas"
        message = f"no replica of {name} may be evicted: {bound} of {replicas} {count}"
        hint = "write maxUnavailable: 1, or remove the patch, which has the same effect"
        place, where = instance.position("patches", last[0], "spec", bound.partition(":")[0]), instance.environment.name
        also = (instance.position("replicas"),)
        yield Finding(ID, message, place, hint, SEVERITY, also, environments=(where,))


def _bound(budget: Tree, replicas: int) -> str | None:
    """Return the bound that keeps every replica, or None; a bound of another form is refused elsewhere."""
    least, most = below(budget, "spec", "minAvailable"), below(budget, "spec", "maxUnavailable")
    if least is not None:
        wanted = count_replicas(least, replicas, up=True)
        return f"minAvailable: {least}" if wanted is not None and wanted >= replicas else None
    return f"maxUnavailable: {most}" if most is not None and count_replicas(most, replicas, up=True) == 0 else None

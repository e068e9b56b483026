"""S29: a disruption budget that allows no eviction keeps nodes from being drained.

The budget of servegen lets one pod go at a time. A patch that asks for as many available pods as there are at least, or
for none that is unavailable, blocks every drain, and with it updates of nodes (Kubernetes documentation, Specifying a
Disruption Budget).

Passes:

    replicas: 3
    patches:
      - kind: PodDisruptionBudget
        spec: {minAvailable: 2}

Fails:

    replicas: 2~10
    hpa: cpu:50%
    patches:
      - kind: PodDisruptionBudget
        spec: {minAvailable: 2}
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from generator.checks.fleet.patched import apply_patches, below
from generator.checks.fleet.replicas import at_least
from generator.core.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.fleet.model import ServiceInstance
    from generator.render.engine.shapes import Tree

ID: Final = "S29"
SEVERITY: Final = Severity.WARNING
_SHARE: Final = re.compile(r"([0-9]{1,9})%\Z")
_FIELDS: Final = ("minAvailable", "maxUnavailable")


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield a warning for each patch after which no pod may be evicted."""
    for instance in context.fleet.all_instances():
        if instance.settings.patches and instance.rules.disruption_budget:
            yield from _blocking(instance)


def _blocking(instance: ServiceInstance) -> Iterator[Finding]:
    pods = max(at_least(instance), 1)
    for index, tree in apply_patches(instance, _budget(instance)):
        changed = next((name for name in _FIELDS if _written(instance, index, name)), None)
        if changed is not None and _allowed(tree, pods) < 1:
            value = below(tree, "spec", changed)
            message = (
                f"no pod may be evicted: at least {pods} run, and {changed} is {value}, so that no node can be drained"
            )
            hint = "remove it: without the patch, one pod may go at a time"
            place, where = instance.position("patches", index, "spec", changed), (instance.environment.name,)
            yield Finding(ID, message, place, hint, SEVERITY, (instance.position("replicas"),), environments=where)


def _written(instance: ServiceInstance, index: int, name: str) -> bool:
    return below((instance.settings.patches or ())[index], "spec", name) is not None


def _budget(instance: ServiceInstance) -> Tree:
    """Return the service's budget before patches."""
    metadata = {"name": instance.service.name}
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": metadata,
        "spec": {"maxUnavailable": 1},
    }


def _allowed(tree: Tree, pods: int) -> int:
    """Return how many pods may be evicted at once; what cannot be understood allows one. Percentages are rounded up."""
    least, most = (below(tree, "spec", name) for name in _FIELDS)
    if least is not None:
        return pods - _count(least, pods, pods - 1)
    return _count(most, pods, 1)


def _count(value: Any, pods: int, otherwise: int) -> int:
    if isinstance(value, int):
        return value
    share = _SHARE.match(str(value))
    return -(-pods * int(share[1]) // 100) if share else otherwise

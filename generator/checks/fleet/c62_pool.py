"""C62: `pool` must name a node pool of the cluster that the project may use, and that has labels.

The pools of a cluster are in the platform file (docs/capacity.md). The labels of the pool become the node selector of
the pods, and its taints their tolerations. Without labels, nothing leads the pods to the nodes of the pool.

Passes, with pools: {a100: {…, labels: {pool: a100}, taints: dedicated=llm:NoSchedule}} of the cluster:

    pool: a100

Fails, with the same pools:

    pool: h100
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity
from generator.core.fix import fix_of
from generator.fleet.pool_choice import is_for
from generator.spec.files import PLATFORM
from generator.spec.values.text import closest, list_known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.fleet.model import ServiceInstance

ID: Final = "C62"
SEVERITY: Final = Severity.ERROR


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield an error for each pool that a service cannot choose."""
    for instance in context.instances:
        if instance.settings.pool is not None:
            found = _fault(instance, instance.settings.pool)
            if found is not None:
                message, hint = found
                place, where = instance.position("pool"), (instance.environment.name,)
                fix = fix_of(instance.settings.pool, hint)
                yield Finding(ID, message, place, hint, environments=where, fix=fix)


def _fault(instance: ServiceInstance, name: str) -> tuple[str, str] | None:
    """Return a message and a hint if the service cannot choose the pool."""
    cluster, project = instance.environment.cluster, instance.service.project
    pools = instance.environment.facts.pools or {}
    usable = [known for known, pool in pools.items() if is_for(pool, project)]
    if name not in pools:
        message = f'found the pool "{name}", expected one of the cluster {cluster}'
        return message, closest(name, usable) or list_known("pools", usable)
    if name not in usable:
        only = ", ".join(pools[name].projects or ())
        return f"the pool {name} of {cluster} is for {only}, and not for {project}", list_known("pools", usable)
    if not pools[name].labels:
        message = f"the pool {name} of {cluster} has no labels, so that nothing leads the pods to its nodes"
        return message, f"ask the owners of {PLATFORM} for its labels, or remove pool"
    return None

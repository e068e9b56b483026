"""G30: a pod must tolerate the taints of the nodes that it selects.

A pool has what the pod asks for, and each such pool has a taint that the pod does not tolerate. The GPU backends add
the toleration of NVIDIA's usual taint; others are for the service, its project or the platform to add.

Passes, with the pool `t4: {nodes: 2, cpu: 32, memory: 128Gi, card: T4, cards: 4, taints: dedicated=gpu:NoSchedule}`:

    resources: {gpu: 1(T4)}
    tolerations: dedicated=gpu:NoSchedule

Fails:

    resources: {gpu: 1(T4)}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.checks.capacity.misfits import admitting_pools, tainted_pools
from generator.core.finding import Finding, Severity
from generator.fleet.capacity.admission import find_taints
from generator.fleet.capacity.wording import pools_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.capacity import CapacityContext
    from generator.core.finding import Position
    from generator.fleet.model import ServiceInstance

ID: Final = "G30"
SEVERITY: Final = Severity.ERROR


def check(context: CapacityContext) -> Iterator[Finding]:
    """Yield an error for each service that only taints keep from all pools."""
    for plan in context.plans:
        for one in plan.misfits:
            kept = tainted_pools(plan, one.shape)
            if not kept or admitting_pools(plan, one.shape):
                continue  # R01 and R02
            taints = {str(taint): taint for pool in kept[:1] for taint in find_taints(pool, one.shape.rules)}
            instance = context.instance(one)
            where = pools_text(tuple(pool.name for pool in kept))
            yield Finding(
                ID,
                f"the nodes of {where} have the taint {' and '.join(taints)}, which the pods do not tolerate",
                _position(instance),
                f"write tolerations: [{', '.join(taints)}]",
                SEVERITY,
                also=tuple(context.pool_position(plan.cluster, pool.name) for pool in kept),
                environments=(instance.environment.name,),
            )


def _position(instance: ServiceInstance) -> Position:
    settings = instance.settings
    if settings.tolerations:
        return instance.position("tolerations")
    if settings.gpu is not None and settings.gpu.has_card:
        return instance.position("resources", "gpu")
    return instance.position("node_selector") if settings.node_selector else instance.position("replicas")

"""R02: a pod must find nodes that it may run on.

No pool of the cluster has all labels that the pod selects, the card or another resource that it requests, and accepts
its project. The pods would stay pending. If nodes are missing from the pools, add them: `pools` lists all nodes on
which services run.

Passes, with the pool `cpu: {nodes: 4, cpu: 32, memory: 128Gi, labels: {org: vision}}`:

    node_selector: {org: vision}

Fails:

    node_selector: {org: speech}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.checks.capacity.misfits import admitting_pools, tainted_pools
from generator.core.finding import Finding, Severity
from generator.fleet.capacity.admission import Obstacle, counts_alike, find_taints, lacks, missing_labels, obstacles

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.capacity import CapacityContext
    from generator.core.yaml import Path
    from generator.fleet.capacity.pods import PodShape
    from generator.fleet.capacity.pools import Pool

ID: Final = "R02"
SEVERITY: Final = Severity.ERROR
_HINT: Final = "choose what a pool has, or add to `pools` of the cluster what is missing there"


def check(context: CapacityContext) -> Iterator[Finding]:
    """Yield an error for each service whose pods no pool admits, for another reason than its taints."""
    for plan in context.plans:
        pools = [pool for pool in plan.pools if pool.nodes]
        for one in plan.misfits:
            if admitting_pools(plan, one.shape) or tainted_pools(plan, one.shape):
                continue  # R01 and G30
            instance = context.instance(one)
            reasons = "; ".join(f"{pool.name}: {_reason(pool, one.shape)}" for pool in pools) or "it has no nodes"
            yield Finding(
                ID,
                f"no pool of {plan.cluster} admits the pods: {reasons}",
                instance.position(*_key(one.shape)),
                _HINT,
                SEVERITY,
                also=(context.fleet.platform_position("clusters", plan.cluster, "pools"),),
                environments=(instance.environment.name,),
            )


def _reason(pool: Pool, shape: PodShape) -> str:
    """Return what is missing in a pool."""
    why = obstacles(pool, shape)
    words = {
        Obstacle.PROJECT: f"is not for the project {shape.rules.project}",
        Obstacle.CARD: _card(pool, shape),
        Obstacle.RESOURCE: f"no {', '.join(lacks(pool, shape))}",
        Obstacle.LABELS: f"not {', '.join(missing_labels(pool, shape.rules))}",
        Obstacle.TAINT: f"the taint {', '.join(map(str, find_taints(pool, shape.rules)))}",
    }
    return ", ".join(words[one] for one in words if one in why)


def _card(pool: Pool, shape: PodShape) -> str:
    if not pool.cards:
        return "no card"
    if counts_alike(pool, shape.rules):
        return "no such card"
    return f"its cards are not {shape.rules.unit}, but {pool.unit}"


def _key(shape: PodShape) -> Path:
    """Return the key that asks for what no pool has."""
    if shape.share is not None or shape.others:
        return ("resources", "gpu")
    return ("node_selector",) if shape.rules.selector else ("affinity",) if shape.rules.terms else ()

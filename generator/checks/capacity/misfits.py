"""Why the pods of a service fit on no empty node: each is reported by one check."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.fleet.capacity.admission import Obstacle, obstacles

if TYPE_CHECKING:
    from generator.fleet.capacity.plan import ClusterPlan
    from generator.fleet.capacity.pods import PodShape
    from generator.fleet.capacity.pools import Pool


def admitting_pools(plan: ClusterPlan, shape: PodShape) -> list[Pool]:
    """Return the pools on whose nodes the pods may run if there is room."""
    return [pool for pool in plan.pools if pool.nodes and not obstacles(pool, shape)]


def tainted_pools(plan: ClusterPlan, shape: PodShape) -> list[Pool]:
    """Return the pools that only taints keep the pods from.

    A pod that requests no card and selects no nodes is not meant for nodes with cards.
    """
    chosen = shape.share is not None or bool(shape.rules.selector or shape.rules.terms)
    return [
        pool
        for pool in plan.pools
        if pool.nodes and obstacles(pool, shape) == [Obstacle.TAINT] and (chosen or not pool.cards)
    ]

"""The node pool that a service chooses with `pool`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from generator.fleet.model import ServiceInstance
    from generator.spec.node_pools import NodePool


def chosen_pool(instance: ServiceInstance) -> NodePool | None:
    """Return the pool of a service; None without one, or if the cluster has none of that name for its project."""
    name = instance.settings.pool
    pool = (instance.environment.facts.pools or {}).get(name) if name is not None else None
    return pool if pool is not None and is_for(pool, instance.service.project) else None


def is_for(pool: NodePool, project: str) -> bool:
    """Return whether services of a project may run in a pool."""
    return pool.projects is None or project in pool.projects

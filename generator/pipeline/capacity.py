"""Collect the pods of all apps, and plan the capacity of each cluster whose node pools are known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from generator.core.errors import RefusedError
from generator.fleet.model import ServiceInstance
from generator.render.workloads import rendered_trees, service_id, workloads

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from generator.fleet.capacity.plan import ClusterPlan
    from generator.fleet.capacity.pods import ServiceId, Workload
    from generator.fleet.capacity.pools import Pool
    from generator.fleet.model import Fleet, ServiceEntry
    from generator.fleet.routing import Routing
    from generator.render.app_manifests import Manifest
    from generator.render.engine.shapes import Tree
    from generator.render.objects import ObjectRenderer
    from generator.render.scheduling import SchedulingRenderer
    from generator.spec.platform import Cluster


class _ClusterPools(Struct, frozen=True):
    """The pools of a cluster, the resources that they have by name, and those by which the backend counts cards."""

    pools: tuple[Pool, ...]
    plain: frozenset[str]
    counted: frozenset[str]


class CapacityBook(Struct, frozen=True):
    """What is needed to read the pods of an app: the clusters with pools, and the services that a roll-back starts."""

    fleet: Fleet
    objects: ObjectRenderer
    clusters: Mapping[str, _ClusterPools]
    successors: Mapping[ServiceId, ServiceId]

    @classmethod
    def open(cls, fleet: Fleet, routing: Routing, objects: ObjectRenderer) -> CapacityBook:
        """Return the book of a fleet; without pools, or if a template has errors, it has no clusters."""
        known = {name: facts for name, facts in fleet.platform.clusters.items() if facts.pools is not None}
        if not known:
            return cls(fleet, objects, {}, {})
        from generator.render.pool_nodes import node_pools  # most fleets have no pools

        clusters = {}
        try:
            for name, facts in known.items():
                pools = node_pools(facts, fleet.catalog.cards, objects.placements)
                plain = frozenset(resource for pool in pools for resource, _ in pool.others)
                clusters[name] = _ClusterPools(pools, plain, _counting(facts, pools, objects.placements))
        except RefusedError:  # reported with the first app that uses the template
            clusters = {}
        return cls(fleet, objects, clusters, dict(_successors(routing)) if clusters else {})

    def read_pods(self, services: Sequence[ServiceEntry], manifests: Iterable[Manifest]) -> list[Workload]:
        """Return the pods of an app in all environments whose cluster has pools."""
        if not self.clusters:
            return []
        trees: dict[int, tuple[ServiceInstance, list[Tree]]] = {}
        for entry in manifests:
            if isinstance(entry.origin, ServiceInstance) and entry.origin.environment.name:
                trees.setdefault(id(entry.origin), (entry.origin, []))[1].append(entry.tree)
        found = [one for instance, own in trees.values() for one in self._workloads(instance, own, None)]
        for service in services:
            for instance in self._superseded(service):
                own = rendered_trees(self.objects, instance)
                found += self._workloads(instance, own, self.successors[service_id(instance)])
        return found

    def plans(self, pods: Iterable[Workload]) -> tuple[ClusterPlan, ...]:
        """Return the plan of each cluster with pools."""
        if not self.clusters:
            return ()
        from generator.fleet.capacity.plan import plan_cluster

        by_cluster: dict[str, list[Workload]] = {name: [] for name in self.clusters}
        for one in pods:
            by_cluster[self.fleet.contexts[one.service.environment].cluster].append(one)
        return tuple(plan_cluster(name, self.clusters[name].pools, own) for name, own in by_cluster.items())

    def _workloads(
        self, instance: ServiceInstance, trees: list[Tree], successor: ServiceId | None
    ) -> Iterator[Workload]:
        cluster = self.clusters.get(instance.environment.cluster)
        if cluster is not None:
            yield from workloads(instance, trees, cluster.plain, cluster.counted, successor)

    def _superseded(self, service: ServiceEntry) -> Iterator[ServiceInstance]:
        for entries in self.fleet.instances.values():
            instance = entries.get(service.key)
            if instance is not None and service_id(instance) in self.successors:
                yield instance


def _counting(facts: Cluster, pools: Iterable[Pool], placements: SchedulingRenderer) -> frozenset[str]:
    """Return the backend's names of the resources by which it counts the cards of a cluster."""
    known = {there: known for known, there in facts.gpu.resources.items()}
    card = placements.card_resource(facts)
    units = (card.name if card is not None else None, *(pool.unit for pool in pools))
    return frozenset(known.get(unit, unit) for unit in units if unit is not None)


def _successors(routing: Routing) -> Iterator[tuple[ServiceId, ServiceId]]:
    """Yield the newest superseded service of each host, with its owner."""
    for entries in routing.claims.values():
        for claims in entries:
            before = next((claimant for claimant in claims.services if not routing.runs(claimant)), None)
            if before is not None and claims.owner is not None:
                yield service_id(before), service_id(claims.owner)

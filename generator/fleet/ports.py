"""External ports: which service holds which port of a cluster, across all services, environments and series; free ids.

Kubernetes rejects a node port that is in use, but silently accepts two Services with the same external IP and port, so
this module compares every claim. A superseded service keeps its ports, because it may become the owner again. Within a
series, an id belongs to one service of the whole repository, deployed or not, so that deploying a service to another
environment never changes the address of another service.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from generator.fleet.external import external
from generator.spec.values.ports import HIGHEST, MAX_PORTS
from generator.spec.values.series import HIGHEST_ID

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from generator.fleet.external import External
    from generator.fleet.model import Fleet, ServiceEntry, ServiceInstance
    from generator.spec.external import ExternalFacts, SeriesName

# Programs that listen on nodes by default. Sources: Kubernetes documentation, Ports and Protocols; the charts of
# prometheus-node-exporter (9100), dcgm-exporter (9400) and HAMi (31992, 31993).
ON_NODES: Final = {
    2379: "etcd",
    2380: "etcd",
    6443: "the API server",
    9100: "the node exporter",
    9400: "the GPU metrics exporter",
    10250: "the kubelet",
    10256: "kube-proxy",
    10257: "the controller manager",
    10259: "the scheduler",
    31992: "HAMi's scheduler",
    31993: "HAMi's monitor",
}


class Claim(Struct, frozen=True):
    """A port that a service instance holds in one scope of its cluster.

    `scope` is an address, `namespace/name` of a load balancer without declared addresses, or empty for every node.
    """

    instance: ServiceInstance
    scope: str
    port: int

    @property
    def cluster(self) -> str:
        """The cluster on which the port is held."""
        return self.instance.environment.cluster


class Clash(Struct, frozen=True):
    """Two service instances that claim the same ports in one scope; `first` is the first holder."""

    first: ServiceInstance
    second: ServiceInstance
    scope: str
    ports: tuple[int, ...]


def claims(fleet: Fleet) -> Iterator[Claim]:
    """Yield every external port that a service holds, in every environment."""
    for instance in fleet.all_instances():
        given = external(instance)
        if given is not None:
            yield from (Claim(instance, scope, port) for scope in _scopes(instance, given) for _, port in given.ports)


def clashes(claims: Iterable[Claim]) -> list[Clash]:
    """Return each pair of claimants with the ports that both claim; a third claimant clashes with the first."""
    holders: dict[tuple[str, str, int], ServiceInstance] = {}
    found: dict[tuple[str, tuple[str, ...], tuple[str, ...]], Clash] = {}
    for claim in claims:
        first, second = holders.setdefault((claim.cluster, claim.scope, claim.port), claim.instance), claim.instance
        if first is second:
            continue
        key = claim.scope, (first.environment.name, *first.service.key), (second.environment.name, *second.service.key)
        known = found[key].ports if key in found else ()
        found[key] = Clash(first, second, claim.scope, (*known, claim.port))
    return list(found.values())


def same_ids(services: Iterable[ServiceEntry]) -> Iterator[tuple[ServiceEntry, ServiceEntry]]:
    """Yield pairs of services with the same id in a series: the first holder, and each other service with that id."""
    holders: dict[tuple[SeriesName, int], ServiceEntry] = {}
    for service in services:
        if service.spec.id is not None:
            first = holders.setdefault((service.spec.series, service.spec.id), service)
            if first is not service:
                yield first, service


def reserved_by(facts: ExternalFacts, port: int) -> str | None:
    """Return what reserves a port of a cluster, other than a service; None if nothing does.

    Programs that listen on nodes count only in the modes `nodePort` and `externalIPs`.
    """
    if port in facts.reserved:
        return "what `reserved` keeps it for"
    return ON_NODES.get(port) if facts.mode in ("nodePort", "externalIPs") else None


def overlapping_series(facts: ExternalFacts, series: SeriesName, port: int) -> tuple[SeriesName, int] | None:
    """Return the other series to which `port` of `series` also belongs, and the id it has in that series; or None.

    Only a series whose base is at or above the base of `series` is considered.
    """
    known = facts.ports.by_series()
    for name, expression in known.items():
        id = expression.id_of(port)
        if name != series and expression.base >= known[series].base and id is not None:
            return name, id
    return None


def allowed_ports(facts: ExternalFacts) -> tuple[int, int]:
    """Return the lowest and the highest port that an external Service of the cluster may have."""
    return facts.node_port_range if facts.mode == "nodePort" else (1, HIGHEST)


def lowest_id(facts: ExternalFacts, series: SeriesName) -> int:
    """Return the smallest id of the series, from 1, whose ports are not below the allowed range."""
    expression = facts.ports.by_series()[series]
    return max(1, -(-(allowed_ports(facts)[0] - expression.base) // expression.step))


def highest_id(facts: ExternalFacts, series: SeriesName) -> int:
    """Return the largest id of the series whose two ports are in the allowed range; below 1 if there is none."""
    expression = facts.ports.by_series()[series]
    return (allowed_ports(facts)[1] - (MAX_PORTS - 1) - expression.base) // expression.step


def free_id(fleet: Fleet, series: SeriesName) -> int | None:
    """Return the smallest id of a series that no service has and whose two ports are free on every cluster, or None.

    The result depends only on the specs, not on their order. Ids of services that are not deployed count as taken.
    """
    taken = {service.spec.id for service in fleet.services if service.spec.series == series}
    clusters = [cluster.external for cluster in fleet.platform.clusters.values() if cluster.external.mode != "none"]
    lowest = max((lowest_id(facts, series) for facts in clusters), default=1)
    highest = min((highest_id(facts, series) for facts in clusters), default=HIGHEST_ID)
    ids = (id for id in range(lowest, highest + 1) if id not in taken)
    return next((id for id in ids if all(_gives(facts, series, id) for facts in clusters)), None)


def _gives(facts: ExternalFacts, series: SeriesName, id: int) -> bool:
    return all(
        reserved_by(facts, port) is None and overlapping_series(facts, series, port) is None
        for port in facts.ports.by_series()[series].ports(id)
    )


def _scopes(instance: ServiceInstance, given: External) -> list[str]:
    """Return the scopes in each of which a port can have one holder.

    All nodes, each declared address, or the service's own load balancer if no address is declared.
    """
    if given.mode == "nodePort":
        return [""]
    own = [f"{instance.namespace}/{given.name}"] if given.mode == "loadBalancer" else []
    return [address.private for address in given.addresses] or own

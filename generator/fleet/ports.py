"""Who holds which external port of which cluster, over all services, environments and series, and which id is free.

Kubernetes refuses a node port that is taken, but accepts two Services with one external IP and port in silence; so
every claim is compared here. A superseded service keeps its ports: it may come back. An id belongs to one service of a
series in the whole repository, deployed or not, so that deploying one elsewhere never changes another's address.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from generator.fleet.external import external
from generator.spec.values.ports import HIGHEST, MAX_PORTS
from generator.spec.values.series import HIGHEST_ID

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from generator.fleet.external import External
    from generator.fleet.model import Fleet, ServiceEntry, ServiceInstance
    from generator.spec.external import ExternalFacts, SeriesName

# What listens on nodes by default. Sources: Kubernetes documentation, Ports and Protocols; the charts of
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


@dataclass(frozen=True, slots=True)
class Claim:
    """One service holds a port in one scope of a cluster: an address, or the empty text for every node."""

    instance: ServiceInstance
    scope: str
    port: int

    @property
    def cluster(self) -> str:
        """The cluster on which the port is held."""
        return self.instance.environment.cluster


@dataclass(frozen=True, slots=True)
class Clash:
    """Two claims on the same ports: the first holder, the one that comes after it, and where."""

    first: ServiceInstance
    second: ServiceInstance
    scope: str
    ports: tuple[int, ...]


def claims(fleet: Fleet) -> Iterator[Claim]:
    """Every port that a service holds in any environment."""
    for instance in fleet.all_instances():
        given = external(instance)
        if given is not None:
            yield from (Claim(instance, scope, port) for scope in _scopes(instance, given) for _, port in given.ports)


def clashes(claims: Iterable[Claim]) -> list[Clash]:
    """Each pair of claimants with the ports that both want; the third claimant of a port clashes with the first."""
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
    """The first holder of an id of a series, and each other service that has it too."""
    holders: dict[tuple[SeriesName, int], ServiceEntry] = {}
    for service in services:
        if service.spec.id is not None:
            first = holders.setdefault((service.spec.series, service.spec.id), service)
            if first is not service:
                yield first, service


def reserved_by(facts: ExternalFacts, port: int) -> str | None:
    """What beside services holds a port where services of the cluster are reached, or None."""
    if port in facts.reserved:
        return "what `reserved` keeps it for"
    return ON_NODES.get(port) if facts.mode in ("nodePort", "externalIPs") else None


def overlapping_series(facts: ExternalFacts, series: SeriesName, port: int) -> tuple[SeriesName, int] | None:
    """The series into which a port of this one runs, one that begins at or above it, and the id there; or None."""
    known = facts.ports.by_series()
    for name, expression in known.items():
        id = expression.id_of(port)
        if name != series and expression.base >= known[series].base and id is not None:
            return name, id
    return None


def allowed_ports(facts: ExternalFacts) -> tuple[int, int]:
    """The lowest and the highest port that an external Service may have."""
    return facts.node_port_range if facts.mode == "nodePort" else (1, HIGHEST)


def highest_id(facts: ExternalFacts, series: SeriesName) -> int:
    """The largest id of the series whose ports, two of them, are in the allowed range; below 1 where there is none."""
    expression = facts.ports.by_series()[series]
    return (allowed_ports(facts)[1] - (MAX_PORTS - 1) - expression.base) // expression.step


def free_id(fleet: Fleet, series: SeriesName) -> int | None:
    """The smallest id of a series that no service has, with two ports that every cluster can give; None if none is.

    Depends on the specs alone, not on their order; ids of services that are deployed nowhere are taken too.
    """
    taken = {service.spec.id for service in fleet.services if service.spec.series == series}
    clusters = [cluster.external for cluster in fleet.platform.clusters.values() if cluster.external.mode != "none"]
    ids = range(1, HIGHEST_ID + 1)
    return next((id for id in ids if id not in taken and all(_gives(facts, series, id) for facts in clusters)), None)


def _gives(facts: ExternalFacts, series: SeriesName, id: int) -> bool:
    low, high = allowed_ports(facts)
    return all(
        low <= port <= high and reserved_by(facts, port) is None and overlapping_series(facts, series, port) is None
        for port in facts.ports.by_series()[series].ports(id)
    )


def _scopes(instance: ServiceInstance, given: External) -> list[str]:
    """Where a port can be held once: on all nodes, at each address, or at a load balancer of the service's own."""
    if given.mode == "nodePort":
        return [""]
    own = [f"{instance.namespace}/{given.name}"] if given.mode == "loadBalancer" else []
    return [address.private for address in given.addresses] or own

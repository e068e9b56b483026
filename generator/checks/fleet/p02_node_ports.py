"""P02: a node port must be in the API server's range, and no other Service should get it by chance.

Outside the range the API server refuses the Service ("provided port is not in the valid range"). The API server also
assigns node ports by itself, from the part above the range's first ports (Kubernetes documentation, Service: the lower
16 to 128 ports are kept for those that users choose). Another Service may therefore have the number already: this is a
warning once per cluster, unless `reserved` is set, even if it is empty.

Passes, with the range 30000-32767:

    id: 276

Fails:

    id: 277
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity
from generator.fleet.external import external
from generator.fleet.ports import highest_id

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.fleet.external import External
    from generator.fleet.model import Fleet, ServiceInstance

ID: Final = "P02"
SEVERITY: Final = Severity.ERROR


def check(context: CheckContext) -> Iterator[Finding]:
    """Check each node port against its cluster's range."""
    by_chance: dict[str, list[ServiceInstance]] = {}
    for instance in context.instances:
        given = external(instance)
        if given is not None and given.mode == "nodePort":
            yield from _outside(context.fleet, instance, given)
            if _chosen_by_others(given) and "reserved" not in given.facts.written:
                by_chance.setdefault(instance.environment.cluster, []).append(instance)
    for cluster, owners in by_chance.items():
        yield _warning(context.fleet, cluster, owners)


def _outside(fleet: Fleet, instance: ServiceInstance, given: External) -> Iterator[Finding]:
    low, high = given.facts.node_port_range
    wrong = [port for _, port in given.ports if not low <= port <= high]
    if wrong:
        cluster, series = instance.environment.cluster, instance.service.spec.series
        message = f"the id gives the node port {wrong[0]} on the cluster {cluster}, which allows {low}-{high}"
        most = highest_id(given.facts, series)
        hint = f"ids up to {most} fit: remove this id and run `servegen expose {instance.service.name}`"
        if most < 1 or wrong[0] < low:
            hint = f"change `external.ports.{series}` of the cluster, or its mode"
        also = (fleet.platform_position("clusters", cluster, "external", "node_port_range"),)
        yield Finding(ID, message, instance.service.document.position(("id",)), hint, also=also)


def _chosen_by_others(given: External) -> bool:
    """Return whether a port is in the part of the range that the API server assigns from (KEP-3668)."""
    low, high = given.facts.node_port_range
    kept = min(max(16, (high - low + 1) // 32), 128)
    return any(low + kept <= port <= high for _, port in given.ports)


def _warning(fleet: Fleet, cluster: str, owners: list[ServiceInstance]) -> Finding:
    names = ", ".join(sorted({owner.service.name for owner in owners}))
    message = f"the node port of {names} may be allocated to another Service of the cluster {cluster}"
    hint = (
        "list the node ports that `kubectl get services -A` prints in `external.reserved` of the cluster, or write []"
    )
    also = tuple(dict.fromkeys(owner.service.document.position(("id",)) for owner in owners))
    return Finding(
        ID,
        message,
        fleet.platform_position("clusters", cluster, "external", "mode"),
        hint,
        severity=Severity.WARNING,
        also=also,
    )

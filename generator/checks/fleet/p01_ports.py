"""P01: an id belongs to one service of its series, and an external port to one service of its cluster.

Kubernetes silently accepts two Services with the same external IP and port; which of them answers is undefined.
Superseded services and ids of services that are not deployed count too, because they may be deployed again.

Passes:

    id: 14

Fails, where another service has it:

    id: 14
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity, subject_of_port
from generator.fleet.ports import claims, clashes, same_ids

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.fleet.model import ServiceEntry
    from generator.fleet.ports import Clash

ID: Final = "P01"
SEVERITY: Final = Severity.ERROR


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield an error for each id and each port that two services have."""
    for first, second in same_ids(context.fleet.services):
        message = f"{first.name} and {second.name} both have the id {second.spec.id} of the series {first.spec.series}"
        yield Finding(
            ID, message, second.document.position(("id",)), _hint(second), also=(first.document.position(("id",)),)
        )
    for clash in clashes(claims(context.fleet)):
        first, second = clash.first.service, clash.second.service
        same_id = (first.spec.series, first.spec.id) == (second.spec.series, second.spec.id)
        if not same_id:
            place, also = second.document.position(("id",)), (first.document.position(("id",)),)
            subject = subject_of_port(clash.ports[0], clash.first.environment.cluster)
            yield Finding(ID, _message(clash), place, _hint(second), also=also, subject=subject)


def _message(clash: Clash) -> str:
    first, second, cluster = clash.first, clash.second, clash.first.environment.cluster
    ports = " and ".join(map(str, clash.ports))
    where = f"at {clash.scope} on the cluster {cluster}" if clash.scope else f"on the nodes of the cluster {cluster}"
    return f"{_named(first.service)} and {_named(second.service)} both get the port {ports} {where}"


def _named(service: ServiceEntry) -> str:
    return f"{service.name} ({service.spec.series} {service.spec.id})"


def _hint(service: ServiceEntry) -> str:
    return f"remove the id of the one that is new; if that is {service.name}, `servegen expose` then finds a free one"

"""P04: an external port should not be one that nodes use for their own connections.

Linux uses 32768 to 60999 for them (kernel documentation, ip_local_port_range), so an external address in that range
fails from time to time.

Passes, on a cluster with `external: {mode: externalIPs}`:

    id: 276

Fails:

    id: 277
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity
from generator.fleet.external import external

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext

ID: Final = "P04"
SEVERITY: Final = Severity.WARNING
_EPHEMERAL: Final = range(32768, 61000)


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield a warning for each external port on nodes that is in this range."""
    for instance in context.instances:
        given = external(instance)
        if given is None or given.mode == "loadBalancer":
            continue
        low, high = given.facts.node_port_range
        # P02 reports ports outside the range of node ports.
        real = [port for _, port in given.ports if given.mode != "nodePort" or low <= port <= high]
        busy = [port for port in real if port in _EPHEMERAL]
        if busy:
            message = (
                f"the id gives the port {busy[0]} on the cluster {instance.environment.cluster}: "
                f"nodes use {_EPHEMERAL.start}-{_EPHEMERAL.stop - 1} for their own connections"
            )
            hint = "use a smaller id, or set net.ipv4.ip_local_reserved_ports on the nodes"
            yield Finding(ID, message, instance.service.document.position(("id",)), hint, severity=SEVERITY)

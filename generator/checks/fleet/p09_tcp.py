"""P09: a service whose ports all use `tcp` has no route, so what a spec says about routes has no effect.

A gateway finds the service of a request by its host, which is part of HTTP and gRPC. Clients reach a `tcp` port through
the Service, or through the external address.

Passes:

    ports: 9000/grpc
    host: detector.example.com

Fails:

    ports: 9000/tcp
    host: detector.example.com
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity
from generator.fleet.service_ports import routed_ports

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext

ID: Final = "P09"
SEVERITY: Final = Severity.WARNING
_KEYS: Final = ("host", "path", "split", "mirror", "headers")


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield a warning for each key about routes of an owner that has only ports with `tcp`."""
    for owner in context.routing.owners():
        if any(routed_ports(owner)):
            continue
        for key in _KEYS:
            if getattr(owner.settings, key):
                message = f"`{key}` has no effect: no route leads to {owner.service.name}, whose ports use tcp"
                hint = "name the protocol if it is http, http2, grpc or https"
                also = (owner.position("ports"),)
                yield Finding(ID, message, owner.position(key), hint, severity=SEVERITY, also=also)

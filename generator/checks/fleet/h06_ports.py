"""H06: a target receives requests on its own ports, so it needs one for each gateway port, of the same protocol.

Passes:

    # resnet50-2.yaml                        # resnet50-1.yaml
    ports: 8000,8002                         ports: 9000,9002
    split: resnet50-1:20%

Fails, because nothing of resnet50-1 is behind gateway port 8080:

    # resnet50-2.yaml                        # resnet50-1.yaml
    ports: 8000,8002                         ports: 9000
    split: resnet50-1:20%
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity
from generator.fleet.routes import GATEWAY_PORTS
from generator.render.views.ports import protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.fleet.routes import RouteReference

ID: Final = "H06"
SEVERITY: Final = Severity.ERROR


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield an error for each target without a port for a gateway port of the source, or with another protocol."""
    for reference in context.routing.references:
        for index, port in enumerate(reference.source.settings.ports or ()):
            found = _mismatch(reference, index, port)
            if found is not None:
                yield found


def _mismatch(reference: RouteReference, index: int, port: int) -> Finding | None:
    source, target = reference.source, reference.target
    if target is None or target is source:
        return None
    ports = target.settings.ports or ()
    also = (target.position("ports"),)
    if index >= len(ports):
        message = f"{reference.key} names {reference.name}, which has no port for gateway port {GATEWAY_PORTS[index]}"
        return Finding(
            ID,
            message,
            reference.position,
            f"give {reference.name} a second port, or keep one port for {source.service.name}",
            also=also,
        )
    here, there = protocol(source.server, port), protocol(target.server, ports[index])
    if here != there:
        message = (
            f"{reference.key} names {reference.name}, whose port {ports[index]} uses {there}; "
            f"port {port} of {source.service.name} uses {here}"
        )
        hint = f"name a service that uses {here} on gateway port {GATEWAY_PORTS[index]}, or reorder its ports"
        return Finding(ID, message, reference.position, hint, also=also)
    return None

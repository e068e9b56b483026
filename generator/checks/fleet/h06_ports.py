"""H06: a target receives requests on its own ports, which must use the protocol of the owner's.

The first port of a target gets the requests of gateway port 80, the second those of gateway port 8080. If the owner has
two ports and a target one, the owner keeps all requests of gateway port 8080; a warning says so. `http`, `http2` and
`https` are the same for a client of the gateway; `grpc` needs HTTP/2.

Passes:

    # resnet50-2.yaml                        # resnet50-1.yaml
    ports: 8000,8002                         ports: 9000,9002
    split: resnet50-1:20%

Fails, because clients that send HTTP would get a gRPC server:

    # resnet50-2.yaml                        # resnet50-1.yaml
    ports: 8000                              ports: 9000/grpc
    split: resnet50-1:20%
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity
from generator.fleet.routes import GATEWAY_PORTS
from generator.fleet.service_ports import protocol, routed_ports
from generator.spec.values.ports import numbers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.fleet.model import ServiceInstance
    from generator.fleet.routes import RouteReference

ID: Final = "H06"
SEVERITY: Final = Severity.ERROR
# What a client of the gateway can send to a server of each protocol.
_SENT: Final = {"http": {"http"}, "https": {"http"}, "http2": {"http", "grpc"}, "grpc": {"grpc"}, "tcp": {"tcp"}}


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield a finding for each target without a port for a gateway port of the source, or with another protocol."""
    for reference in context.routing.references:
        target = reference.target
        if target is None or target is reference.source:
            continue
        for index, port in enumerate(routed_ports(reference.source)):
            found = _mismatch(reference, target, index, port) if port is not None else None
            if found is not None:
                yield found


def _mismatch(reference: RouteReference, target: ServiceInstance, index: int, port: int) -> Finding | None:
    source, ports = reference.source, numbers(target.settings.ports)
    if index >= len(ports):
        return _kept(reference, target, index, port)
    here, there = protocol(source, port), protocol(target, ports[index])
    if _SENT[here] & _SENT[there]:
        return None
    message = (
        f"{reference.key} names {reference.name}, whose port {ports[index]} uses {there}; "
        f"port {port} of {source.service.name} uses {here}"
    )
    hint = f"name a service that uses {here} on gateway port {GATEWAY_PORTS[index]}, or reorder its ports"
    return Finding(ID, message, reference.position, hint, also=(target.position("ports"),))


def _kept(reference: RouteReference, target: ServiceInstance, index: int, port: int) -> Finding:
    source, number = reference.source.service.name, GATEWAY_PORTS[index]
    message = f"{reference.key} names {reference.name}, which has no port for gateway port {number}"
    return Finding(
        ID,
        f"{message}: port {port} of {source} keeps all requests of that port",
        reference.position,
        f"give {reference.name} a second port if it should get some of them",
        severity=Severity.WARNING,
        also=(target.position("ports"),),
    )

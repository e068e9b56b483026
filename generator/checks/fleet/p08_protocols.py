"""P08: the protocol of a port in `ports` should be the one that the rest of the spec shows.

The gateway sends HTTP/1.1 to a port without a protocol. A gRPC server does not understand it, and a server with TLS
answers 400. `health` shows which protocol a port uses: a gRPC probe or `grpc_health_probe` asks a gRPC server, the
scheme https a server with TLS. The model server's `protocols` show it for its own ports. A path in `health` is asked
with HTTP/1.1, so that the probe of a gRPC port fails for ever, and so is the port of `metrics`.

Passes:

    ports: 9000/grpc
    health: grpc:9000

Fails:

    ports: 9000
    health: grpc:9000
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity
from generator.core.regex import regex
from generator.fleet.service_ports import protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.fleet.model import ServiceInstance
    from generator.spec.values.ports import ServicePort

ID: Final = "P08"
SEVERITY: Final = Severity.WARNING
_PROBE: Final = regex(r"\bgrpc_health_probe\b.*?-addr[= ]\S*?:(\d+)\b", re.DOTALL)


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield a warning for each port that uses another protocol than its probe, or than its model server has there."""
    for instance in context.instances:
        for port in instance.settings.ports or ():
            found = _mismatch(instance, port) or _asked_with_http(instance, port)
            if found is not None:
                yield found


def _mismatch(instance: ServiceInstance, port: ServicePort) -> Finding | None:
    used, number = protocol(instance, port.number), port.number
    declared = instance.server.protocols.get(str(number))
    shown = _asked(instance, number)
    if shown == "https" and used in ("http", "http2"):
        who, what = "`health` asks it with TLS", "https"
    elif shown == "grpc" and used == "http":
        who, what = "`health` asks it with gRPC", "grpc"
    elif declared is not None and used != declared and "grpc" in (used, declared) and used not in ("http2", "tcp"):
        who, what = f"{instance.service.spec.type} uses {declared} there", declared
    else:
        return None
    message = f"port {number} uses {used}, but {who}: requests from the gateway would fail"
    place = instance.position("ports")
    return Finding(ID, message, place, f"write {number}/{what} in `ports`", severity=SEVERITY)


def _asked_with_http(instance: ServiceInstance, port: ServicePort) -> Finding | None:
    """Return a finding about a gRPC port that a probe or Prometheus asks with HTTP/1.1."""
    if protocol(instance, port.number) != "grpc":
        return None
    health, metrics, number = instance.settings.health, instance.settings.metrics, port.number
    if health is not None and health.port == number and not health.grpc:
        key, what, hint = "health", "the probes would fail", f"write health: grpc:{number}"
    elif metrics is not None and metrics.port == number:
        key, what, hint = "metrics", "Prometheus would get nothing", "remove `metrics`"
    else:
        return None
    message = f"port {number} uses grpc, but `{key}` asks it with HTTP/1.1: {what}"
    hint += ", or write the port of the server's HTTP"
    also = (instance.position("ports"),)
    return Finding(ID, message, instance.position(key), hint, severity=SEVERITY, also=also)


def _asked(instance: ServiceInstance, port: int) -> str | None:
    """Return the protocol that the probe shows for a port, or None."""
    health = instance.settings.health
    if health is None:
        return None
    if health.command is not None:
        match = _PROBE.search(" ".join(health.command))
        return "grpc" if match is not None and int(match[1]) == port else None
    if health.port != port:
        return None
    return "grpc" if health.grpc else "https" if health.https else None

"""H19: for a gateway with TLS, the platform file names the port with TLS where routes need it.

`certificate` says that clients reach the gateway with TLS. A route for a Gateway of both gateway ports names the port
on which requests arrive, and a route of the Gateway API names a listener or its port. If that is only the port without
TLS, requests with TLS get 404. If a load balancer in front of the gateway ends TLS, `tls_port` is the gateway port
itself. The two gateway ports lead to different ports of a service, so they need different ports with TLS. A route of
the Gateway API can name two listeners of one Gateway, but not two ports.

Passes:

    gateways:
      "80": {name: istio-system/public, certificate: "*.example.com", tls_port: 443}
      "8080": {name: istio-system/public, certificate: "*.example.com", tls_port: 8443}

Fails:

    gateways:
      "80": {name: istio-system/public, certificate: "*.example.com"}
      "8080": {name: istio-system/public, certificate: "*.example.com"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity
from generator.fleet.gateways import listener_names, listening_ports, serves_both_ports, tls_port

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.core.finding import Position
    from generator.spec.gateway import Gateway
    from generator.spec.platform import Cluster

ID: Final = "H19"
SEVERITY: Final = Severity.ERROR
_PROPOSED: Final = {80: 443, 8080: 8443}


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield an error for each gateway whose port or listener with TLS is missing, or is that of the other one."""
    for name, facts in context.fleet.platform.clusters.items():
        used: dict[int, str] = {}
        for key, gateway in facts.gateways.items():
            position = context.fleet.platform_position("clusters", name, "gateways", key)
            yield from _missing(facts, int(key), gateway, position)
            for port in listening_ports(gateway, int(key)):
                if used.setdefault(port, key) != key:
                    message = f"both gateways of {name} listen on port {port}, which leads to one port of a service"
                    yield Finding(ID, message, position, "give each its own `tls_port`")


def _missing(facts: Cluster, key: int, gateway: Gateway, position: Position) -> Iterator[Finding]:
    shared, by_name = serves_both_ports(facts, gateway), facts.routing == "gateway-api"
    tls, names = tls_port(gateway, key), listener_names(gateway, key)
    if gateway.managed and gateway.tls_secret is None:
        return  # H20 reports it
    if gateway.certificate and tls is None and (shared or (by_name and not names)):
        why = "also has the other gateway port" if shared else "has a listener for each port"
        message = f"{gateway.name} has a certificate and {why}, but no `tls_port`: requests with TLS would get 404"
        hint = f"write tls_port: {_PROPOSED[key]}, or {key} if a load balancer in front of the gateway ends TLS"
        yield Finding(ID, message, position, hint)
    elif by_name and tls not in (None, key) and len(names) < 2 and (shared or (names and not gateway.managed)):
        message = f"routes need the names of two listeners of {gateway.name}, for the ports {key} and {tls}"
        hint = "write `listener` and `tls_listener`"
        hint = (
            "use one Gateway for each gateway port, or give this one a single entry in `hosts`"
            if gateway.managed
            else hint
        )
        yield Finding(ID, message, position, hint)

"""What the gateways of a cluster have in common: ports with TLS, and Gateways that serve both gateway ports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from generator.spec.gateway import Gateway
    from generator.spec.platform import Cluster

# The ports with TLS of a managed gateway, by gateway port.
_MANAGED_TLS: Final = {80: 443, 8080: 8443}


def tls_port(gateway: Gateway, gateway_port: int) -> int | None:
    """Return the port of the gateway with TLS that leads where `gateway_port` leads; None if there is none."""
    if gateway.tls_port is not None:
        return gateway.tls_port
    return _MANAGED_TLS[gateway_port] if gateway.managed and gateway.tls_secret is not None else None


def listening_ports(gateway: Gateway, gateway_port: int) -> list[int]:
    """Return the ports on which clients reach a gateway port: itself, and that with TLS."""
    return list(dict.fromkeys(port for port in (gateway_port, tls_port(gateway, gateway_port)) if port is not None))


def listener_names(gateway: Gateway, gateway_port: int) -> list[str]:
    """Return the known names of the listeners of the Gateway API, one for each listening port.

    Those of a managed gateway are known, but a gateway with several hosts has several listeners for each port.
    """
    plain, secure, tls = gateway.listener, gateway.tls_listener, tls_port(gateway, gateway_port)
    if gateway.managed and len(gateway.hosts) == 1:
        plain, secure = plain or f"http-{gateway_port}", secure or f"https-{tls}"
    elif gateway.managed:
        return []
    wanted = (plain, secure) if tls not in (None, gateway_port) else (plain or secure,)
    return [name for name in wanted if name is not None]


def serves_both_ports(facts: Cluster, gateway: Gateway) -> bool:
    """Whether one Gateway serves both gateway ports of the cluster."""
    return all(entry.name == gateway.name for entry in facts.gateways.values()) and len(facts.gateways) > 1

"""The ports of a service with their protocols: as its spec says, else as its model server declares."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from generator.fleet.model import ServiceInstance
    from generator.spec.values.ports import Protocol


def protocol(instance: ServiceInstance, port: int) -> Protocol:
    """Return the protocol of a port: of `ports`, else of the model server, else of `health`, else `http`."""
    settings, listed = instance.settings, False
    for entry in settings.ports or ():
        if entry.number == port:
            if entry.protocol is not None:
                return entry.protocol
            listed = True
    declared = instance.server.protocols.get(str(port))
    if declared is not None:
        return declared
    asked = settings.health
    return "grpc" if not listed and asked is not None and asked.grpc and asked.port == port else "http"


def port_name(instance: ServiceInstance, port: int) -> str:
    """Return a name such as `http-8000`, of at most 11 characters.

    Kubernetes allows 15, and Istio reads the part before the dash.
    """
    return f"{protocol(instance, port)}-{port}"


def app_protocol(instance: ServiceInstance, port: int) -> str:
    """Return what `appProtocol` of a Service port says.

    Istio reads its own words. Gateways of the Gateway API read those of Kubernetes: without `kubernetes.io/h2c` they
    send HTTP/1.1 to a server that needs HTTP/2 (GEP-1911).
    """
    found = protocol(instance, port)
    needs_http2 = found in ("grpc", "http2") and instance.environment.facts.routing == "gateway-api"
    return "kubernetes.io/h2c" if needs_http2 else found


def routed_ports(instance: ServiceInstance) -> list[int | None]:
    """Return the numbers of the ports that routes lead to, by gateway port; None for one that does not use HTTP.

    Only a spec says `tcp`: no model server declares it.
    """
    return [None if port.protocol == "tcp" else port.number for port in instance.settings.ports or ()]

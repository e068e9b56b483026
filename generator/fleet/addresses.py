"""Where the clients of a service find it: at the gateways, at external addresses, and inside the cluster."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from generator.fleet.external import external, format_addresses
from generator.fleet.gateways import listening_ports, tls_port
from generator.fleet.routes import GATEWAY_PORTS, State
from generator.fleet.routing import gateway, host, path
from generator.fleet.service_ports import protocol, routed_ports
from generator.spec.values.path_prefix import ROOT
from generator.spec.values.ports import numbers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.fleet.model import ServiceInstance
    from generator.fleet.routing import Routing
    from generator.spec.values.ports import Protocol

# The ports that clients add by themselves.
_USUAL: Final = {"http": 80, "https": 443}


class Via(StrEnum):
    """The way to a service."""

    GATEWAY = "gateway"
    EXTERNAL = "external"
    CLUSTER = "cluster"

    @property
    def words(self) -> str:
        """The way in the words of a reader."""
        return _WORDS[self]


_WORDS: Final = {Via.GATEWAY: "gateway", Via.EXTERNAL: "external address", Via.CLUSTER: "inside the cluster"}


class ServiceAddress(Struct, frozen=True):
    """One address: `where` is a host with a port that is not the usual one, `path` what the service has of it.

    Programs that speak gRPC or plain TCP get a host with a port in each case.
    """

    via: Via
    protocol: Protocol
    tls: bool
    where: str
    path: str = ""

    @property
    def text(self) -> str:
        """The URL, or the host with its port where no URL leads to the service."""
        if self.protocol in ("grpc", "tcp"):
            return f"{self.where}{self.path}"
        return f"{'https' if self.tls else 'http'}://{self.where}{self.path or '/'}"


def service_addresses(routing: Routing, instance: ServiceInstance) -> tuple[ServiceAddress, ...]:
    """Return the addresses of a service, those from outside of the cluster first; none if it has no pods.

    Gateways lead to the owner of a host. Which of its requests others get is decided there, so they have no address.
    """
    if not routing.runs(instance):
        return ()
    owns = routing.state(instance) is State.OWNER
    return (*(_at_gateways(instance) if owns else ()), *_external(instance), *_inside(instance))


def _at_gateways(instance: ServiceInstance) -> Iterator[ServiceAddress]:
    name, prefix = host(instance), path(instance)
    for index, port in enumerate(routed_ports(instance)):
        through = gateway(instance, index)
        if through is None or port is None:
            continue
        secure, spoken = tls_port(through, GATEWAY_PORTS[index]), protocol(instance, port)
        for outer in listening_ports(through, GATEWAY_PORTS[index]):
            tls = outer == secure
            yield ServiceAddress(Via.GATEWAY, spoken, tls, _with_port(name, outer, spoken, tls=tls), _below(prefix))


def _external(instance: ServiceInstance) -> Iterator[ServiceAddress]:
    given = external(instance)
    if given is None:
        return
    inner = [port for port, _ in given.ports]
    for index, where in enumerate(format_addresses(given)):
        yield _direct(Via.EXTERNAL, instance, inner[index % len(inner)], where)


def _inside(instance: ServiceInstance) -> Iterator[ServiceAddress]:
    for port in numbers(instance.settings.ports):
        where = f"{instance.service.name}.{instance.namespace}:{port}"
        yield _direct(Via.CLUSTER, instance, port, where)


def _direct(via: Via, instance: ServiceInstance, port: int, where: str) -> ServiceAddress:
    spoken = protocol(instance, port)
    return ServiceAddress(via, spoken, spoken == "https", where)


def _with_port(name: str, port: int, spoken: Protocol, *, tls: bool) -> str:
    usual = _USUAL["https" if tls else "http"] if spoken not in ("grpc", "tcp") else None
    return name if port == usual else f"{name}:{port}"


def _below(prefix: str) -> str:
    return "" if prefix == ROOT else f"{prefix}/"

"""The parts of a route: the services that claim a host, the services that its owner refers to, and the destinations."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final, Literal

from msgspec import Struct

from generator.spec.values.path_prefix import ROOT

if TYPE_CHECKING:
    from generator.core.finding import Position
    from generator.fleet.model import ServiceInstance
    from generator.spec.gateway import Gateway
    from generator.spec.values.headers import HeaderRule

# The gateway ports that lead to the first and to the second port of a service.
GATEWAY_PORTS: Final = (80, 8080)

Key = Literal["headers", "split", "mirror"]


class State(StrEnum):
    """The state of a service among all services that name its host."""

    OWNER = "owner"
    TARGET = "target"
    WAITING = "waiting"
    SUPERSEDED = "superseded"
    UNDECIDED = "undecided"


class HostClaims(Struct, frozen=True):
    """The services of one environment that name one host and one path of it, the newest release first.

    `owner` is None if the specs do not determine one: a stamp is missing, two stamps that matter are equal, or all
    takeovers are manual.
    """

    host: str
    path: str
    services: tuple[ServiceInstance, ...]
    owner: ServiceInstance | None

    @property
    def address(self) -> str:
        """The host, with the path if that is not the whole host."""
        return to_address(self.host, self.path)


class RouteReference(Struct, frozen=True):
    """A reference from the `headers`, `split` or `mirror` of the service `source` to another service.

    `index` is the position of the entry under `key`. `target` is None if the environment and namespace have no service
    `name`; `percent` is None if the entry has no percentage.
    """

    source: ServiceInstance
    key: Key
    index: int
    name: str
    target: ServiceInstance | None
    percent: int | None = None

    @property
    def position(self) -> Position:
        """The position of the reference in the specs."""
        return self.source.position(self.key, self.index)

    @property
    def to_itself(self) -> bool:
        """Whether the service refers to itself."""
        return self.target is self.source


class Destination(Struct, frozen=True):
    """A service that gets `percent` (a whole number) of the requests, on its container port `port`."""

    instance: ServiceInstance
    port: int
    percent: int


class HeaderRoute(Struct, frozen=True):
    """The destination of the requests that match a header rule."""

    match: HeaderRule
    destination: Destination


class Route(Struct, frozen=True):
    """One path of one host on one gateway port of one environment.

    `prefix` is the path, without a final slash unless it is the root, and `rewrite` what replaces it, None to keep it.
    Requests for one of the paths `opened` are redirected to `redirect_to`, if that is set.
    """

    owner: ServiceInstance
    host: str
    prefix: str
    rewrite: str | None
    gateway_port: int
    gateway: Gateway
    headers: tuple[HeaderRoute, ...]
    destinations: tuple[Destination, ...]
    mirrors: tuple[Destination, ...]
    redirect_to: str | None

    @property
    def address(self) -> str:
        """The host, with the path if that is not the whole host."""
        return to_address(self.host, self.prefix)

    @property
    def targets(self) -> tuple[Destination, ...]:
        """All services that get requests, and those that get copies."""
        return (*self.destinations, *self.mirrors, *(rule.destination for rule in self.headers))

    @property
    def opened(self) -> tuple[str, ...]:
        """The spellings of the prefix that are not the page to which they are redirected."""
        both = (ROOT,) if self.prefix == ROOT else (self.prefix, f"{self.prefix}/")
        return tuple(path for path in both if path != (self.redirect_to or "").partition("?")[0])


class RouteGroup(Struct, frozen=True):
    """The routes that one object holds: paths of one host on one gateway port, the longest path first.

    `address` is the host, with the path if the object holds one path only by its kind. `owner` is that of the first
    route: the owners of one host are in one app.
    """

    address: str
    owner: ServiceInstance
    host: str
    gateway_port: int
    gateway: Gateway
    routes: tuple[Route, ...]


def to_group(address: str, routes: tuple[Route, ...]) -> RouteGroup:
    """Return the routes of one host and gateway port as the content of one object."""
    first = routes[0]
    return RouteGroup(address, first.owner, first.host, first.gateway_port, first.gateway, routes)


def to_address(host: str, path: str) -> str:
    """Return the host, with the path if that is not the whole host."""
    return host if path == ROOT else f"{host}{path}"

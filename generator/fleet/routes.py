"""The parts of a route: who claims a host, what its owner names, and where requests go."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from generator.core.finding import Position
    from generator.fleet.model import ServiceInstance
    from generator.spec.gateway import Gateway
    from generator.spec.values.headers import HeaderRule

# The gateway port that leads to a service's first, and to its second port.
GATEWAY_PORTS: Final = (80, 8080)

Key = Literal["headers", "split", "mirror"]


class State(StrEnum):
    """What becomes of a service that names a host."""

    OWNER = "owner"
    TARGET = "target"
    WAITING = "waiting"
    SUPERSEDED = "superseded"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class HostClaims:
    """The services of one environment that name one host, the newest release first.

    `owner` is None where the specs do not tell: a stamp is missing, two that matter are equal, or all takeovers are
    manual.
    """

    host: str
    services: tuple[ServiceInstance, ...]
    owner: ServiceInstance | None


@dataclass(frozen=True, slots=True)
class RouteReference:
    """A service that a `headers`, `split` or `mirror` of another names, by the index of its entry.

    `target` is None where the environment and namespace have no such service; `percent` where the entry has none.
    """

    source: ServiceInstance
    key: Key
    index: int
    name: str
    target: ServiceInstance | None
    percent: int | None = None

    @property
    def position(self) -> Position:
        """Where the spec names it."""
        return self.source.position(self.key, self.index)

    @property
    def to_itself(self) -> bool:
        """Whether the service names itself."""
        return self.target is self.source


@dataclass(frozen=True, slots=True)
class Destination:
    """A service that gets requests: on its own port, with a whole percentage of them."""

    instance: ServiceInstance
    port: int
    percent: int


@dataclass(frozen=True, slots=True)
class HeaderRoute:
    """Where the requests go that a header rule catches."""

    match: HeaderRule
    destination: Destination


@dataclass(frozen=True, slots=True)
class Route:
    """One host on one gateway port of one environment. `redirect_to` is where `/` leads to."""

    owner: ServiceInstance
    host: str
    gateway_port: int
    gateway: Gateway
    headers: tuple[HeaderRoute, ...]
    destinations: tuple[Destination, ...]
    mirrors: tuple[Destination, ...]
    redirect_to: str | None

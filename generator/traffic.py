"""Who owns a host: services to routes.

Exactly one route per gateway port and host. Two VirtualServices of one host on one gateway are merged silently, the
older catch-all gets everything, and no status says so (istio/istio#58453); so rivals are settled here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from generator.problem import Problem
from generator.spec.values.text import closest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from generator.fleet import Deployed, Fleet
    from generator.problem import Position

# The gateway port that leads to a service's first, and to its second port.
GATEWAY_PORTS: Final = (80, 8080)


class State(StrEnum):
    """What becomes of a service that names a host."""

    OWNER = "owner"
    TARGET = "target"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True)
class Destination:
    """A service that gets requests: on its own port, with a whole percentage of them."""

    deployed: Deployed
    port: int
    percent: int


@dataclass(frozen=True, slots=True)
class Route:
    """One host on one gateway port of one environment. `opens` is where `/` leads to."""

    owner: Deployed
    host: str
    gateway_port: int
    gateway: str
    destinations: tuple[Destination, ...]
    mirrors: tuple[Destination, ...]
    opens: str | None


@dataclass(frozen=True, slots=True)
class Traffic:
    """The routes by environment, project and app, and the state of each service (environment, project, app, name)."""

    routes: dict[tuple[str, str, str], list[Route]]
    states: dict[tuple[str, str, str, str], State]

    def runs(self, deployed: Deployed) -> bool:
        """Whether the service has pods there: a superseded one has none."""
        return self.states.get((deployed.place.name, *deployed.service.key)) is not State.SUPERSEDED


@dataclass(frozen=True, slots=True)
class _Neighbours:
    """The services of one environment by namespace and name, and which of them (project, app, name) have no pods."""

    named: dict[tuple[str, str], Deployed]
    superseded: frozenset[tuple[str, str, str]]

    def beside(self, owner: Deployed) -> list[str]:
        """Whom an owner may name: all that run in its namespace but itself."""
        return [
            name
            for (namespace, name), other in self.named.items()
            if namespace == owner.namespace and other is not owner and other.service.key not in self.superseded
        ]


def host(deployed: Deployed) -> str:
    """The service's host there: its own domain or the default one, behind the stage's prefix."""
    own = deployed.settings.host.domain if deployed.settings.host is not None else None
    return f"{deployed.rules.prefix or ''}{own or f'{deployed.service.name}.{deployed.place.facts.domain}'}"


def route(fleet: Fleet) -> tuple[Traffic, list[Problem]]:
    """All routes of all environments, and what is contradictory about them."""
    problems: list[Problem] = []
    states: dict[tuple[str, str, str, str], State] = {}
    routes: dict[tuple[str, str, str], list[Route]] = {}
    owners: dict[tuple[str, str], Deployed] = {}
    for environment, deployed in fleet.deployed.items():
        for name, rivals in sorted(_by_host(deployed.values()).items()):
            owner = _owner(name, rivals, problems)
            if owner is None:
                continue
            _settle(owner, rivals, states, problems)
            other = owners.setdefault((owner.place.cluster, name), owner)
            if other is not owner:
                problems.append(_taken(name, owner, other))
        # Who runs is settled for all hosts before any route names a destination.
        neighbours = _Neighbours(
            {(d.namespace, d.service.name): d for d in deployed.values()},
            frozenset(key[1:] for key, state in states.items() if key[0] == environment and state is State.SUPERSEDED),
        )
        for (_, name), owner in owners.items():
            if owner.place.name == environment:
                app = environment, owner.service.project, owner.service.app
                routes.setdefault(app, []).extend(_routes(owner, name, neighbours, problems))
    return Traffic(routes, states), problems


def _by_host(deployed: Iterable[Deployed]) -> dict[str, list[Deployed]]:
    named: dict[str, list[Deployed]] = {}
    for entry in deployed:
        named.setdefault(host(entry), []).append(entry)
    return named


def _owner(name: str, rivals: list[Deployed], problems: list[Problem]) -> Deployed | None:
    """The rival that was released last."""
    if len(rivals) == 1:
        return rivals[0]
    undated = [rival for rival in rivals if rival.released is None]
    for rival in undated:
        others = [other for other in rivals if other is not rival]
        message = (
            f"{rival.service.name} and {_names(others)} name the host {name}, but this one has no `released` stamp"
        )
        hint = "write `released:` with the time of this deployment; the newest owns the host"
        problems.append(Problem("H02", message, rival.in_environment(), hint, also=_places(others)))
    if undated:
        return None
    ordered = sorted(rivals, key=lambda r: (r.released, r.service.key), reverse=True)
    first, second = ordered[0], ordered[1]
    if first.released == second.released:
        message = (
            f"{first.service.name} and {second.service.name} name the host {name} and were released at the same time"
        )
        hint = "the newest owns the host: write a later time for the one that shall have it"
        problems.append(Problem("H02", message, first.in_environment("released"), hint, also=_places([second])))
        return None
    return first


def _settle(
    owner: Deployed,
    rivals: list[Deployed],
    states: dict[tuple[str, str, str, str], State],
    problems: list[Problem],
) -> None:
    settings = owner.settings
    named = {share.service for share in (*(settings.split or ()), *(settings.mirror or ()))}
    for rival in rivals:
        key = (owner.place.name, *rival.service.key)
        if rival is owner:
            states[key] = State.OWNER
        else:
            states[key] = State.TARGET if rival.service.name in named else State.SUPERSEDED
        if (rival.service.project, rival.service.app) != (owner.service.project, owner.service.app):
            message = f"{rival.service.name} names the host of {owner.service.name}, which is in another app"
            hint = "services that share a host are taken over together: move both into one app's folder"
            problems.append(Problem("H01", message, rival.position("host"), hint, also=(owner.position("host"),)))


def _taken(name: str, owner: Deployed, other: Deployed) -> Problem:
    message = (
        f"{owner.service.name} in {owner.place.name} and {other.service.name} in {other.place.name} "
        f"claim the host {name} on the cluster {owner.place.cluster}"
    )
    hint = "give one environment another `prefix`, or one service another host"
    return Problem("H01", message, owner.in_environment(), hint, also=(other.in_environment(),))


def _routes(owner: Deployed, name: str, neighbours: _Neighbours, problems: list[Problem]) -> list[Route]:
    ports = owner.settings.ports or ()
    opened = _opened_on(owner, problems)
    out = []
    for index, port in enumerate(ports):
        gateway_port = GATEWAY_PORTS[index]
        gateway = owner.place.facts.gateways.get("80" if index == 0 else "8080")
        if gateway is None:
            message = f"port {port} is reached through gateway port {gateway_port}, and {owner.place.cluster} has none"
            hint = f"add the gateway of port {gateway_port} to the cluster, or keep one port"
            problems.append(Problem("H11", message, owner.position("ports"), hint))
            continue
        split = _destinations(owner, "split", index, neighbours, problems)
        rest = 100 - sum(destination.percent for destination in split)
        own = (Destination(owner, port, rest),) if rest > 0 else ()
        out.append(
            Route(
                owner=owner,
                host=name,
                gateway_port=gateway_port,
                gateway=gateway,
                destinations=(*own, *split),
                mirrors=tuple(_destinations(owner, "mirror", index, neighbours, problems)),
                opens=owner.settings.host.path if owner.settings.host is not None and index == opened else None,
            )
        )
    return out


def _opened_on(owner: Deployed, problems: list[Problem]) -> int:
    """On which of the service's ports `/` leads to the path: the one that the URL names, else the first."""
    asked = owner.settings.host.port if owner.settings.host is not None else None
    ports = owner.settings.ports or ()
    for index, port in enumerate(ports):
        if asked in (None, port, GATEWAY_PORTS[index]):
            return index
    message = f"the host names port {asked}, expected one that the service has: {', '.join(map(str, ports))}"
    problems.append(Problem("H09", message, owner.position("host"), "remove the port, or name one of `ports`"))
    return 0


def _destinations(
    owner: Deployed,
    key: str,
    index: int,
    neighbours: _Neighbours,
    problems: list[Problem],
) -> list[Destination]:
    out = []
    for share in getattr(owner.settings, key) or ():
        target = neighbours.named.get((owner.namespace, share.service))
        problem = _refused(owner, key, share.service, target, index, neighbours)
        if problem is not None:
            problems.append(problem)
        elif target is not None:
            out.append(Destination(target, (target.settings.ports or ())[index], share.percent))
    return out


def _refused(
    owner: Deployed,
    key: str,
    name: str,
    target: Deployed | None,
    index: int,
    neighbours: _Neighbours,
) -> Problem | None:
    position = owner.position(key)
    if target is owner:
        return Problem("H04", f"{key} names the service itself", position, "name another service; the rest stays here")
    if target is None:
        message = f"{key} names {name}, which is not deployed in {owner.place.name} beside {owner.service.name}"
        hint = closest(name, neighbours.beside(owner)) or f"deploy {name} there first"
        return Problem("H04", message, position, hint)
    if target.service.key in neighbours.superseded:
        message = f"{key} names {name}, which lost its host in {owner.place.name} to a newer release: it has no pods"
        hint = "name the owner of that host, or give the service a host of its own"
        return Problem("H04", message, position, hint, also=(target.in_environment(),))
    if key == "split" and target.service.app != owner.service.app:
        message = f"split names {name}, which is in the app {target.service.app}"
        hint = "the pods of another app may leave before the route: move both into one app's folder"
        return Problem("H04", message, position, hint, also=(target.position(),))
    if len(target.settings.ports or ()) <= index:
        message = f"{key} names {name}, which has no port for gateway port {GATEWAY_PORTS[index]}"
        hint = "give it a second port, or keep one port here"
        return Problem("H06", message, position, hint, also=(target.position("ports"),))
    return None


def _names(deployed: Iterable[Deployed]) -> str:
    return ", ".join(entry.service.name for entry in deployed)


def _places(deployed: Iterable[Deployed]) -> tuple[Position, ...]:
    return tuple(entry.in_environment() for entry in deployed)

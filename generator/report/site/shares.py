"""What each service gets of the requests for its host, in words."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Final

from generator.fleet.routes import State

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from generator.fleet.model import ServiceInstance
    from generator.fleet.routes import Route
    from generator.fleet.routing import Routing

STOPPED: Final = "rollout stopped"
_WAITS: Final = (State.WAITING, State.SUPERSEDED)


def shares(routing: Routing) -> dict[int, str]:
    """Return the state of each service that gets requests by its `id`: `owner`, `owner 80 %`, `split 20 %, mirror 5 %`.

    The shares are those of the first gateway port: the second one may lead to fewer services (H06).
    """
    parts: dict[int, list[str]] = {}
    seen: set[int] = set()
    for route in chain.from_iterable(routing.routes.values()):
        if id(route.owner) not in seen:
            seen.add(id(route.owner))
            for instance, word in _words(route):
                parts.setdefault(id(instance), []).append(word)
    return {key: ", ".join(dict.fromkeys(words)) for key, words in parts.items()}


def _words(route: Route) -> Iterator[tuple[ServiceInstance, str]]:
    for one in route.destinations:
        word = "owner" if one.instance is route.owner else "split"
        yield one.instance, word if one.percent == 100 else f"{word} {one.percent} %"
    yield from ((one.instance, f"mirror {one.percent} %") for one in route.mirrors)
    yield from ((rule.destination.instance, "by header") for rule in route.headers)


def state_of(routing: Routing, instance: ServiceInstance, known: dict[int, str]) -> str:
    """Return the state of a service for people: what it gets, else `waiting`, `superseded` or `undecided`."""
    state = routing.state(instance)
    if instance.rollout_stopped is not None and state is not State.OWNER:
        return STOPPED
    return str(state) if state in _WAITS else known.get(id(instance), str(state))


def gateways_of(instances: Iterable[ServiceInstance]) -> tuple[str, ...]:
    """Return the gateways of the clusters of these services: `namespace/name (port)`."""
    found = (
        f"{gateway.name} ({port})"
        for instance in instances
        for port, gateway in instance.environment.facts.gateways.items()
    )
    return tuple(dict.fromkeys(found))

"""The services, and the apps, whose objects may differ between two sides.

A service depends on its effective settings, on the cluster and namespace of its project, on templates, and by its
routes on the services that claim a host or are named in a split, a mirror or a header rule.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.review.instance_changes import changed_instances
from generator.spec.platform import delivers

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from generator.fleet.routes import Route
    from generator.fleet.routing import Routing
    from generator.review.side import Side

    App = tuple[str, str]
    Key = tuple[str, str, str]


def apps_in_scope(before: Side, after: Side, *, everything: bool) -> list[App]:
    """Return the apps that may differ, in the order of both sides; with `everything` all apps."""
    apps = list(dict.fromkeys((*before.apps, *after.apps)))
    found = {key[:2] for key in services_in_scope(before, after, everything=everything)}
    return [app for app in apps if app in found]


def services_in_scope(before: Side, after: Side, *, everything: bool) -> dict[Key, set[str]]:
    """Return the services that may differ, each with its environments; with `everything` all services.

    The environment of a base is the empty name.
    """
    # The tool of a cluster decides whether the objects of all clusters have annotations for it.
    waves = [delivers(side.fleet.platform, "argocd") for side in (before, after)]
    if everything or waves[0] != waves[1]:
        return {key: set(named) for key, named in named_environments(before, after).items()}
    out = changed_instances(before.fleet, after.fleet)
    more = [*_by_routes(before.routing, after.routing, out), *_by_places(before, after)]
    for key, environment in more:
        out.setdefault(key, set()).add(environment)
    return out


def named_environments(before: Side, after: Side) -> dict[Key, list[str]]:
    """Return the services of both sides, each with the environments that its spec names on either."""
    out: dict[Key, dict[str, None]] = {}
    for side in (before, after):
        for service in side.fleet.services:
            out.setdefault(service.key, {}).update(dict.fromkeys(service.spec.environments))
    return {key: list(names) for key, names in out.items()}


def _by_routes(before: Routing, after: Routing, changed: Mapping[Key, set[str]]) -> Iterator[tuple[Key, str]]:
    """Yield what gets something else from other services: another state, or other destinations of a route."""
    for place in before.states.keys() | after.states.keys():
        if before.states.get(place) != after.states.get(place):
            yield place[1:], place[0]
    differing: dict[str, set[Key]] = {}
    for key, names in changed.items():
        for name in names:
            differing.setdefault(name, set()).add(key)
    for app in before.routes.keys() | after.routes.keys():
        sides = before.routes.get(app, ()), after.routes.get(app, ())
        if _serve_alone(*sides):
            continue
        old, new = _by_owner(sides[0], ()), _by_owner(sides[1], differing.get(app[0], ()))
        yield from ((key, app[0]) for key in old.keys() | new.keys() if old.get(key) != new.get(key))


def _serve_alone(old: Sequence[Route], new: Sequence[Route]) -> bool:
    """Whether the routes of both sides lead to their owners alone, which are the same ones: so it is in most apps."""
    same = len(old) == len(new) and all(one.owner is other.owner for one, other in zip(old, new, strict=True))
    return same and all(map(_has_owner_only, (*old, *new)))


def _has_owner_only(route: Route) -> bool:
    return not route.headers and not route.mirrors and all(to.instance is route.owner for to in route.destinations)


def _by_owner(routes: Iterable[Route], changed: Collection[Key]) -> dict[Key, list[tuple[object, ...]]]:
    """Return what the routes of each service send where; `changed` are the services that differ themselves."""
    out: dict[Key, list[tuple[object, ...]]] = {}
    for route in routes:
        facts = [route.address, route.gateway_port]
        for to in route.targets:
            key = to.instance.service.key
            facts += [key, to.instance.namespace, to.port, to.percent, key in changed]
        out.setdefault(route.owner.service.key, []).append(tuple(facts))
    return out


def _by_places(before: Side, after: Side) -> Iterator[tuple[Key, str]]:
    """Yield the services in environments that are in another place for their project, that are new or gone."""
    places: dict[tuple[str, str], bool] = {}
    for key, names in named_environments(before, after).items():
        for name in names:
            where = key[0], name
            if where not in places:
                places[where] = before.place(*where) != after.place(*where)
            if places[where]:
                yield key, name

"""The apps whose objects may differ between two sides.

An app depends on the effective settings of its services, on the cluster and namespace of its project, by its routes on
the services that claim a host or are named in a split, a mirror or a header rule, and on templates.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.review.instance_changes import changed_instances
from generator.spec.platform import delivers

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.fleet.routes import Route
    from generator.fleet.routing import Routing
    from generator.review.side import Side

    App = tuple[str, str]
    Key = tuple[str, str, str]


def apps_in_scope(before: Side, after: Side, *, everything: bool) -> list[App]:
    """Return the apps that may differ, in the order of both sides; with `everything` all apps."""
    apps = list(dict.fromkeys((*before.apps, *after.apps)))
    # The tool of a cluster decides whether the objects of all clusters have annotations for it.
    waves = [delivers(side.fleet.platform, "argocd") for side in (before, after)]
    if everything or waves[0] != waves[1]:
        return apps
    changed = changed_instances(before.fleet, after.fleet)
    found = {key[:2] for key in changed}
    found.update(_by_routes(before.routing, after.routing, changed), _by_places(before, after))
    return [app for app in apps if app in found]


def _by_routes(before: Routing, after: Routing, changed: Mapping[Key, set[str]]) -> Iterator[App]:
    """Yield the apps that get something else from other services: another state, or other destinations of a route."""
    for key in before.states.keys() | after.states.keys():
        if before.states.get(key) != after.states.get(key):
            yield key[1:3]
    for environment, project, app in before.routes.keys() | after.routes.keys():
        old, new = (side.routes.get((environment, project, app), []) for side in (before, after))
        if list(map(_facts, old)) != list(map(_facts, new)) or any(
            environment in changed.get(to.instance.service.key, ()) for route in new for to in route.targets
        ):
            yield project, app


def _facts(route: Route) -> tuple[object, ...]:
    targets = ((to.instance.service.key, to.instance.namespace, to.port, to.percent) for to in route.targets)
    return (route.owner.service.key, route.address, route.gateway_port, *targets)


def _by_places(before: Side, after: Side) -> Iterator[App]:
    """Yield the apps with an overlay in an environment that is in another place, or is new, or is gone."""
    named = {
        (service.project, name): None
        for side in (before, after)
        for service in side.fleet.services
        for name in service.spec.environments
    }
    moved = {key for key in named if before.place(*key) != after.place(*key)}
    for app, services in ({**before.apps, **after.apps}).items() if moved else ():
        if any((app[0], name) in moved for service in services for name in service.spec.environments):
            yield app

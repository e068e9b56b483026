"""The apps whose objects may differ between two sides.

An app depends on its own specs, on those of its project's models, on its project and platform file, on templates, and
by its routes on the services that claim a host or are named in a split, a mirror or a header rule. Where a change is
of another file than a service or a model, or of an unknown one, all apps may differ.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.core.finding import Finding
from generator.spec.files import is_spec, spec_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from generator.fleet.routes import Route, State
    from generator.fleet.routing import Routing
    from generator.review.side import Side

    App = tuple[str, str]


def apps_in_scope(before: Side, after: Side, changed: Iterable[str], *, everything: bool) -> list[App]:
    """Return the apps that may differ, in the order of both sides; `changed` are the paths of the specs that differ.

    With `everything` these are all apps.
    """
    apps = list(dict.fromkeys((*before.apps, *after.apps)))
    found = None if everything else _by_files(changed, apps)
    if found is None:
        return apps
    found |= _by_routes(before.routing, after.routing)
    return [app for app in apps if app in found]


def _by_files(changed: Iterable[str], apps: list[App]) -> set[App] | None:
    """Return the apps that depend on these files, None for all."""
    out: set[App] = set()
    for file in filter(is_spec, changed):
        where = spec_path(file)
        if isinstance(where, Finding) or where.kind == "platform":
            return None
        if where.kind == "service":
            out.add((where.project, where.app))
        else:
            out |= {app for app in apps if app[0] == where.project}
    return out


def _by_routes(before: Routing, after: Routing) -> set[App]:
    old, new = _signatures(before), _signatures(after)
    return {app for app in {*old, *new} if old.get(app) != new.get(app)}


def _signatures(routing: Routing) -> Mapping[App, list[object]]:
    """Return what an app gets from other services: the states of its services, and the destinations of its routes."""
    out: dict[App, list[object]] = {}
    state: State
    for (environment, project, app, name), state in routing.states.items():
        out.setdefault((project, app), []).append((environment, name, state))
    for (environment, project, app), routes in routing.routes.items():
        out.setdefault((project, app), []).extend((environment, *_facts(route)) for route in routes)
    return out


def _facts(route: Route) -> Iterator[object]:
    targets = (*route.destinations, *route.mirrors, *(rule.destination for rule in route.headers))
    yield from (route.owner.service.key, route.address, route.gateway_port)
    yield from ((to.instance.service.key, to.instance.namespace, to.port, to.percent) for to in targets)

"""The spec files that can change the objects of an app: its own, its project's, and those of services beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.spec.files import PLATFORM

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.fleet.model import ServiceEntry
    from generator.review.side import Side


def app_files(side: Side, app: tuple[str, str]) -> list[str]:
    """Return the paths of the files: the app's services first, then what they share, the platform file last."""
    found = {one.key: one for one in (*side.apps.get(app, ()), *_near(side, app))}
    services = found.values()
    projects = dict.fromkeys(one.project for one in services)
    models = dict.fromkeys((one.project, one.spec.model) for one in services)
    documents = [
        *(one.document for one in services),
        *(side.fleet.models[key].document for key in models if key in side.fleet.models),
        *(side.fleet.project_documents[name] for name in projects if name in side.fleet.project_documents),
    ]
    return [*dict.fromkeys(one.file for one in documents), PLATFORM]


def _near(side: Side, app: tuple[str, str]) -> Iterator[ServiceEntry]:
    """Yield the services that claim a host with one of the app, or to which its routes lead."""
    for claims in side.routing.claims.values():
        for entry in claims:
            if any((one.service.project, one.service.app) == app for one in entry.services):
                yield from (one.service for one in entry.services)
    for (_, project, name), routes in side.routing.routes.items():
        if (project, name) == app:
            for route in routes:
                yield from (to.instance.service for to in (*route.destinations, *route.mirrors))
                yield from (rule.destination.instance.service for rule in route.headers)

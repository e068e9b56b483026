"""The spec files that can change the objects of an app: its own, its project's, and those of services beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.fleet.model import ClusterEntry, ServiceInstance
from generator.fleet.routes import RouteGroup
from generator.spec.files import PLATFORM

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.fleet.model import ServiceEntry
    from generator.render.app_manifests import Manifest
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


def app_of_object(entry: Manifest) -> tuple[str, str] | None:
    """Return the app whose render has an object; None for what belongs to no app, and for what delivers apps."""
    origin = entry.origin
    if isinstance(origin, ClusterEntry) or entry.template.startswith("delivery/"):
        return None
    if isinstance(origin, RouteGroup):
        return origin.owner.service.project, origin.owner.service.app
    service = origin.service if isinstance(origin, ServiceInstance) else origin
    return service.project, service.app


def source_files(side: Side, app: tuple[str, str] | None) -> list[str]:
    """Return the paths of the files whose values the objects of an app may show; with None, of those of no app."""
    if app is not None:
        return app_files(side, app)
    return [*(document.file for document in side.fleet.project_documents.values()), PLATFORM]


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

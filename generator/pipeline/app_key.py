"""The key of an app's result: a digest of all that rendering and judging the app reads.

A resolved instance depends on the platform file, on the files of its project, service and model, and on the catalog
(see generator.fleet.reuse), so the content of these files stands for it. From the rest of the fleet an app gets the
states and routes of its services, the instances to which the routes lead, the grants with the projects that share a
namespace, and the services that a roll-back starts.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from generator.render.workloads import service_id
from generator.spec.files import PLATFORM

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from generator.fleet.model import Fleet, ServiceEntry
    from generator.fleet.routes import Destination, Route
    from generator.fleet.routing import Routing
    from generator.pipeline.capacity import CapacityBook


@dataclass(frozen=True, slots=True)
class AppKeys:
    """The keys of the apps of one fleet, resolved from the spec files `specs` (path -> content).

    `inputs` is a digest of the program, and of the templates and schemas; `thorough` is as for `validate_app`.
    """

    specs: Mapping[str, bytes]
    fleet: Fleet
    routing: Routing
    capacity: CapacityBook
    inputs: str
    thorough: bool
    _digests: dict[str, str] = field(init=False, default_factory=dict)

    def of(self, apps: Iterable[list[ServiceEntry]]) -> list[str]:
        """Return the key of each app, given as its services."""
        shared = _digest(tuple(self._shared()))
        return [_digest((shared, *self._app(services))) for services in apps]

    def _shared(self) -> Iterator[object]:
        """Yield what is the same for all apps."""
        yield self.inputs
        yield self.thorough
        yield self._content(PLATFORM)
        for project, grant in sorted((self.fleet.grants or {}).items()):
            yield project, sorted((key, repr(getattr(grant, key))) for key in grant.written)
        for project in sorted({service.project for service in self.fleet.services}):
            yield project, [self.fleet.namespace(project, name) for name in self.fleet.environments]

    def _app(self, services: list[ServiceEntry]) -> Iterator[object]:
        for service in services:
            yield service.key, self._files(service)
            for name, instances in self.fleet.instances.items():
                if (instance := instances.get(service.key)) is not None:
                    yield name, self.routing.state(instance), self.capacity.successors.get(service_id(instance))
        app = services[0].project, services[0].app
        for name in self.fleet.instances:
            yield from (self._route(route) for route in self.routing.routes.get((name, *app), ()))

    def _files(self, service: ServiceEntry) -> tuple[str, ...]:
        """Return the digests of the files from which the instances of a service are resolved."""
        project = self.fleet.project_documents.get(service.project)
        model = self.fleet.models.get((service.project, service.spec.model))
        documents = (service.document, project, model.document if model is not None else None)
        return tuple(self._content(document.file) if document is not None else "" for document in documents)

    def _route(self, route: Route) -> tuple[object, ...]:
        return (
            route.owner.environment.name,
            route.owner.service.key,
            (route.host, route.prefix, route.rewrite, route.gateway_port, route.redirect_to),
            [self._destination(to) for to in route.destinations],
            [self._destination(to) for to in route.mirrors],
            [(repr(rule.match), self._destination(rule.destination)) for rule in route.headers],
        )

    def _destination(self, to: Destination) -> tuple[object, ...]:
        return (
            to.instance.environment.name,
            to.instance.service.key,
            self._files(to.instance.service),
            to.port,
            to.percent,
        )

    def _content(self, file: str) -> str:
        """Return the digest of the content of a spec file, with its path."""
        if file not in self._digests:
            self._digests[file] = hashlib.sha256(file.encode() + b"\0" + self.specs[file]).hexdigest()
        return self._digests[file]


def _digest(facts: tuple[object, ...]) -> str:
    """Return a digest of strings, numbers and None, in tuples and lists: their `repr` is different for each value."""
    return hashlib.sha256(repr(facts).encode("utf-8", "surrogatepass")).hexdigest()

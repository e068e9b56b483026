"""One side of a comparison: the fleet of a revision, and what renders it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from generator.render.app_manifests import AppManifests

if TYPE_CHECKING:
    from collections.abc import Collection

    from generator.fleet.model import Fleet, ServiceEntry
    from generator.fleet.routing import Routing
    from generator.render.app_manifests import Manifest
    from generator.render.objects import ObjectRenderer


@dataclass(slots=True)
class Side:
    """The fleet of a revision with its routes, and what renders its objects.

    Two sides share the renderer if no template differs.
    """

    fleet: Fleet
    routing: Routing
    renderer: ObjectRenderer
    _apps: dict[tuple[str, str], list[ServiceEntry]] | None = field(init=False, default=None)

    @property
    def apps(self) -> dict[tuple[str, str], list[ServiceEntry]]:
        """The services of each app, by project and app."""
        if self._apps is None:
            self._apps = self.fleet.apps()
        return self._apps

    def manifests(self, app: tuple[str, str], only: Collection[str] | None = None) -> list[Manifest]:
        """Return the objects of an app; none if this side does not have it. `only` is as for `AppManifests`."""
        services = self.apps.get(app)
        return AppManifests(self.fleet, self.routing, self.renderer, services, only).render() if services else []

    def shared_manifests(self) -> list[Manifest]:
        """Return the objects that belong to no app."""
        # Dashboards, queues and delivery tools, which most comparisons do without.
        from generator.pipeline.expected import shared_manifests

        return shared_manifests(self.fleet, self.routing, self.renderer).manifests

    def place(self, project: str, environment: str) -> str:
        """Return the cluster and namespace of a project in an environment; empty if there is no such environment."""
        context = self.fleet.contexts.get(environment)
        if context is None or not environment:
            return ""
        return f"{context.cluster}/{self.fleet.namespace(project, environment)}"

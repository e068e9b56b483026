"""The manifests of one app: the objects that each environment must get, without the files from which they are built."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from generator.render.kustomize.config import hashed_config, rewrite_references
from generator.render.objects import BASE, MARKER, OVERLAY, Object, marker_values, with_namespace
from generator.render.spec_patches import SpecPatches
from generator.render.sync_waves import in_wave
from generator.render.views.pod_files import config_name
from generator.render.views.route import BACKENDS, group_routes
from generator.render.views.service import MANAGED_BY
from generator.spec.platform import delivers

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from generator.fleet.model import ClusterEntry, Fleet, ServiceEntry, ServiceInstance
    from generator.fleet.routes import RouteGroup
    from generator.fleet.routing import Routing
    from generator.render.engine.shapes import SlotPath, Tree
    from generator.render.objects import ObjectRenderer
    from generator.render.views.context import ServiceContext


class Manifest(Struct, frozen=True):
    """One object as an environment must get it, and its origin: a service, a route, the app, a cluster.

    An object that a cluster has once is assigned to the first environment on the cluster. `patched` are the paths that
    the patches of the project and its services changed. `values` are those of its template, None if they are the views
    of its origin.
    """

    tree: Tree
    environment: str
    template: str
    origin: ServiceInstance | RouteGroup | ServiceEntry | ClusterEntry
    patched: tuple[SlotPath, ...] = ()
    values: Mapping[str, Any] | None = None


def running_instances(fleet: Fleet, routing: Routing, services: list[ServiceEntry]) -> dict[str, list[ServiceInstance]]:
    """Return the services of an app that have pods, by environment.

    Every environment that a service names is included, as it has an overlay; its list may be empty.
    """
    named = {name for service in services for name in service.spec.environments}
    return {
        name: [
            instance
            for service in services
            if (instance := fleet.instances[name].get(service.key)) is not None and routing.runs(instance)
        ]
        for name in fleet.instances
        if name in named
    }


@dataclass(slots=True)
class AppManifests:
    """Renders the objects of one app, and keeps them in `made`, in the order in which an overlay has them.

    With `only`, objects of other templates of services, routes and apps are left out, and config files too.
    """

    fleet: Fleet
    routing: Routing
    objects: ObjectRenderer
    services: list[ServiceEntry]
    only: Collection[str] | None = None
    made: list[Manifest] = field(default_factory=list)
    patches: SpecPatches = field(default_factory=SpecPatches)
    waves: bool = field(init=False)

    def __post_init__(self) -> None:
        self.waves = delivers(self.fleet.platform, "argocd")

    def render(self) -> list[Manifest]:
        """Render all objects of all environments, and return them."""
        for environment, entries in running_instances(self.fleet, self.routing, self.services).items():
            if self._wants(MARKER):
                self.marker(environment)
            for instance in entries:
                context = self.objects.context(instance)
                self.config(context)
                self.workload(context)
                self.own(context)
            for route in self.routes(environment):
                if self._wants(_template_of(route)):
                    self.route(route)
        return self.made

    def marker(self, environment: str) -> Tree:
        """Render the object that keeps an overlay from being empty."""
        project, app = self.services[0].project, self.services[0].app
        labels = {"app.kubernetes.io/part-of": project, **MANAGED_BY}
        values = marker_values(app, project, environment, labels)
        marker = self.objects.renderer.require_object(MARKER, values)
        tree = with_namespace(self.add_wave(marker), self.fleet.namespace(project, environment))
        self.made.append(Manifest(tree, environment, MARKER, self.services[0], values=values))
        return tree

    def config(self, context: ServiceContext) -> None:
        """Render the ConfigMap that kustomize generates, if the service has config files."""
        config = context.instance.settings.config
        if config and self.only is None:
            self._add(self.add_wave(hashed_config(context, config)), "config", context.instance)

    def workload(self, context: ServiceContext) -> dict[tuple[str, str], Object]:
        """Render the objects that a base has too; return them without namespaces, by kind and name."""
        rendered = {entry.key: entry for entry in self.service(context, BASE)}
        for entry in rendered.values():
            tree = self.place(entry.tree, context, BASE)
            self._add(tree, entry.template, context.instance, entry.patched)
        return rendered

    def own(self, context: ServiceContext) -> list[Tree]:
        """Render the objects that exist only in an overlay."""
        out = []
        rendered: Object
        for rendered in self.service(context, OVERLAY):
            tree = self.place(rendered.tree, context, OVERLAY)
            self._add(tree, rendered.template, context.instance, rendered.patched)
            out.append(tree)
        return out

    def routes(self, environment: str) -> list[RouteGroup]:
        """Return the routes of the app in an environment."""
        return group_routes(self.routing.routes.get((environment, self.services[0].project, self.services[0].app), []))

    def route(self, route: RouteGroup) -> Tree:
        """Render the object of routes."""
        tree = self.add_wave(self.objects.route(route))
        self.made.append(Manifest(tree, route.owner.environment.name, _template_of(route), route))
        return tree

    def service(self, context: ServiceContext, folder: str) -> list[Object]:
        """Render the objects of one folder of templates, without namespaces."""
        rendered = self.objects.service(context, folder, self.patches, self.only)
        return [Object(self.add_wave(entry.tree), entry.template, entry.patched) for entry in rendered]

    def add_wave(self, tree: Tree) -> Tree:
        """Return the object with its sync wave if Argo CD delivers to any cluster of the repository.

        The annotation is then on the objects of all clusters: bases belong to all environments, and other tools ignore
        it.
        """
        return in_wave(tree) if self.waves else tree

    def place(self, tree: Tree, context: ServiceContext, folder: str) -> Tree:
        """Return an object of a service as an environment gets it: in its namespace, and with names of config files."""
        config = context.instance.settings.config
        if config and folder == BASE:
            tree = rewrite_references(tree, config_name(context), config)
        return with_namespace(tree, context.instance.namespace)

    def _wants(self, template: str) -> bool:
        return self.only is None or template in self.only

    def _add(self, tree: Tree, template: str, instance: ServiceInstance, patched: tuple[SlotPath, ...] = ()) -> None:
        self.made.append(Manifest(tree, instance.environment.name, template, instance, patched))


def _template_of(route: RouteGroup) -> str:
    return BACKENDS[route.owner.environment.facts.routing].TEMPLATE

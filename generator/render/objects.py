"""Rendering of a service in an environment to Kubernetes objects: templates/service/ with the values of the views."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from generator.core.finding import Finding
from generator.fleet.autoscaling import has_keda
from generator.fleet.routes import RouteGroup
from generator.render.changed_paths import changed_paths
from generator.render.engine.renderer import Renderer
from generator.render.kustomize.merge_keys import find_lost_items
from generator.render.scheduling import SchedulingRenderer
from generator.render.views import (
    View,
    autoscaler,
    bind,
    device_claims,
    external,
    functions,
    group,
    hardening,
    keda,
    mesh,
    monitor,
    network,
    pod,
    pod_files,
    rules,
    scaling,
    service,
    spread,
)
from generator.render.views.context import ServiceContext
from generator.render.views.route import BACKENDS, route_values

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from generator.core.template_loader import TemplateLoader
    from generator.fleet.model import ServiceInstance
    from generator.render.engine.shapes import SlotPath, Tree
    from generator.render.spec_patches import SpecPatches
    from generator.spec.platform import Cluster

BASE: Final = "service/base"
OVERLAY: Final = "service/overlay"
# The template of the workload whose replicas are spread over several nodes.
GROUPS: Final = f"{BASE}/25-leaderworkerset.yaml.j2"
CLAIM_TEMPLATE: Final = f"{BASE}/15-resourceclaimtemplate.yaml.j2"
SCALED_OBJECT: Final = f"{OVERLAY}/15-scaledobject.yaml.j2"
# The templates of what Prometheus reads, each with what a cluster must say to have it.
_SCRAPED: Final = {
    "PodMonitor": f"{OVERLAY}/60-podmonitor.yaml.j2",
    "ServiceMonitor": f"{OVERLAY}/65-servicemonitor.yaml.j2",
}
_RULES: Final = {"PrometheusRule": f"{OVERLAY}/70-rules.yaml.j2", "ConfigMap": f"{OVERLAY}/75-rules.yaml.j2"}
MARKER: Final = "app/marker.yaml.j2"
# The values that the templates of a service can use, by view.
VIEW_FUNCTIONS: Final[Mapping[str, Mapping[str, Callable[[Any], Any]]]] = {
    "service": functions(service),
    "pod": {
        **functions(pod),
        **functions(pod_files),
        **functions(hardening),
        **functions(device_claims),
        **functions(spread),
    },
    "scaling": {**functions(scaling), **functions(autoscaler)},
    "group": functions(group),
    "keda": functions(keda),
    "mesh": {**functions(mesh), **functions(network)},
    "monitor": functions(monitor),
    "rules": functions(rules),
    "external": functions(external),
}


class Object(Struct, frozen=True):
    """One rendered object: its tree (without a namespace), and its template.

    `patched` are the paths that the patches of the project and its services changed.
    """

    tree: Tree
    template: str
    patched: tuple[SlotPath, ...] = ()

    @property
    def key(self) -> tuple[str, str]:
        """Kind and name."""
        return self.tree["kind"], self.tree["metadata"]["name"]


@dataclass(slots=True)
class ObjectRenderer:
    """Renders the objects of one run."""

    loader: TemplateLoader
    renderer: Renderer = field(init=False)
    placements: SchedulingRenderer = field(init=False)
    _names: dict[str, list[str]] = field(init=False, default_factory=dict)
    # With the cluster itself, so that its id stays its own.
    _of_cluster: dict[tuple[str, int], tuple[Cluster, list[str]]] = field(init=False, default_factory=dict)
    _own: bool | None = field(init=False, default=None)
    _views: dict[str, View[ServiceContext]] = field(init=False)
    _routes: dict[str, View[RouteGroup]] = field(init=False)

    def __post_init__(self) -> None:
        self.renderer = Renderer(self.loader)
        self.placements = SchedulingRenderer(self.renderer)
        self._views = {name: View(values) for name, values in VIEW_FUNCTIONS.items()}
        self._routes = {name: View(route_values(backend)) for name, backend in BACKENDS.items()}

    def templates(self, folder: str) -> list[str]:
        """Return the template files of a folder in output order."""
        if folder not in self._names:
            self._names[folder] = [f"{folder}/{name}.yaml.j2" for name in self.loader.names(folder, ".yaml.j2")]
        return self._names[folder]

    def cluster_templates(self, folder: str, cluster: Cluster) -> list[str]:
        """Return the template files of a folder for a cluster, without kinds that it may not know.

        Those are the kind of KEDA, that of the claims of cards where the GPU backend makes none, and those of the
        operator of Prometheus.
        """
        key = (folder, id(cluster))
        if key not in self._of_cluster:
            absent = {
                *(() if has_keda(cluster) else (SCALED_OBJECT,)),
                *(() if self.placements.makes_claims(cluster) else (CLAIM_TEMPLATE,)),
                *(file for kind, file in _SCRAPED.items() if kind != cluster.scrape.kind),
                *(file for kind, file in _RULES.items() if kind != _kind_of_rules(cluster)),
            }
            self._of_cluster[key] = cluster, [name for name in self.templates(folder) if name not in absent]
        return self._of_cluster[key][1]

    @property
    def has_own_templates(self) -> bool:
        """Whether the repository has templates or catalog files of its own, which can put anything into an object."""
        if self._own is None:
            self._own = any(self.loader.own_files(suffix) for suffix in (".j2", ".yaml"))
        return self._own

    def views(self) -> Mapping[str, Mapping[str, Callable[[Any], Any]]]:
        """Return the view functions that the templates of a service can use, by module."""
        return VIEW_FUNCTIONS

    def context(self, instance: ServiceInstance) -> ServiceContext:
        """Return the input of a service's views."""
        return ServiceContext(instance, self.placements.of(instance))

    def service(
        self, context: ServiceContext, folder: str, patches: SpecPatches, only: Collection[str] | None = None
    ) -> list[Object]:
        """Render the service's objects of one folder, with the spec's own patches merged in; with `only`, of those
        templates."""
        for view in self._views.values():
            bind(view, context)
        objects = []
        for name in self.cluster_templates(folder, context.instance.environment.facts):
            if only is not None and name not in only:
                continue
            tree = self.renderer.render_object(name, self._views)
            if tree is not None:
                self._require_keys(name, tree)
                given, after = patches.apply(context.instance, tree)
                patched = () if after is given else tuple(changed_paths(given, after))
                objects.append(Object(after, name, patched))
        return objects

    def _require_keys(self, name: str, tree: Tree) -> None:
        """Raise RefusedError for a template of the repository's own with a list item that kustomize would drop."""
        if self.has_own_templates and self.loader.is_own(name) and (lost := find_lost_items(tree)):
            key = next(step for step in reversed(lost[0]) if isinstance(step, str))
            lines = self.loader.text(name).split("\n")
            line = next((number for number, text in enumerate(lines, 1) if text.strip().startswith(f"{key}:")), 1)
            message = f"{'.'.join(map(str, lost[0]))}: found an item without its key, or with that of an earlier item"
            self.renderer.refuse(name, line, message, "give each item its own key, such as a name: kustomize drops it")

    def service_object(self, instance: ServiceInstance, template: str) -> Tree | None:
        """Render the object of one template of a service without the patches of its spec."""
        context = self.context(instance)
        for view in self._views.values():
            bind(view, context)
        return self.renderer.render_object(template, self._views)

    def route(self, route: RouteGroup) -> Tree:
        """Render the object of routes, of the kind that the cluster's routing selects, with its namespace."""
        routing = route.owner.environment.facts.routing
        view = self._routes[routing]
        bind(view, route)
        tree = self.renderer.require_object(BACKENDS[routing].TEMPLATE, {"route": view})
        return with_namespace(tree, view.namespace)

    def template_values(self, origin: ServiceInstance | RouteGroup) -> Mapping[str, View[Any]]:
        """Return the views that the templates of a service's own objects, or of a route, can use."""
        if isinstance(origin, RouteGroup):
            backend = BACKENDS[origin.owner.environment.facts.routing]
            return {"route": View(route_values(backend), origin)}
        return {name: View(values, self.context(origin)) for name, values in VIEW_FUNCTIONS.items()}


def folder_of(template: str) -> str:
    """Return the folder of a template."""
    return template.rpartition("/")[0]


def marker_values(app: str, project: str, environment: str, labels: dict[str, str]) -> dict[str, Any]:
    """Return the values of the ConfigMap that keeps an app's overlay from being empty: Argo CD does not sync to it."""
    values = {"marker_name": f"servegen-{app}", "name": app, "project": project, "environment": environment}
    return {"app": {**values, "labels": labels}}


def with_namespace(tree: Tree, namespace: str) -> Tree:
    """Return the tree with a namespace, placed after the name as is customary."""
    metadata = tree["metadata"]
    placed = {"name": metadata["name"], "namespace": namespace, **{k: v for k, v in metadata.items() if k != "name"}}
    return {**tree, "metadata": placed}


def gpu_refusal(context: ServiceContext) -> Finding | None:
    """Return the finding if the cluster's GPU backend cannot provide what the spec requests, else None."""
    refusal = context.placement.refusal
    if refusal is None:
        return None
    position = context.instance.position("resources", "gpu")
    return Finding("G02", refusal[0], position, refusal[1], environments=(context.instance.environment.name,))


def _kind_of_rules(cluster: Cluster) -> str | None:
    return cluster.monitoring.rules if cluster.monitoring is not None else None

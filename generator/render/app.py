"""Rendering of one app: its files (bases, overlays, routes) and its manifests, the objects that result from them.

The patches of an overlay are the difference of two renders, the base and the manifests of that environment, so
`kustomize build` of the overlay prints exactly these manifests.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from generator.core.yaml import dump
from generator.render.kustomize.config import (
    CONFIG,
    GROUP_REFERENCES,
    REFERENCES,
    hashed_config,
    rewrite_references,
)
from generator.render.kustomize.patch import deletion, patch_for
from generator.render.objects import BASE, MARKER, OVERLAY, gpu_refusal, marker_values, with_namespace
from generator.render.spec_patches import SpecPatches
from generator.render.sync_waves import in_wave, wave_of
from generator.render.views.pod_files import config_name
from generator.render.views.route import BACKENDS, group_routes
from generator.render.views.service import MANAGED_BY
from generator.spec.platform import delivers

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from generator.core.finding import Finding
    from generator.fleet.model import ClusterEntry, Fleet, ServiceEntry, ServiceInstance
    from generator.fleet.routes import RouteGroup
    from generator.fleet.routing import Routing
    from generator.render.engine.shapes import SlotPath, Tree
    from generator.render.objects import Object, ObjectRenderer
    from generator.render.views.context import ServiceContext

ROOT: Final = "rendered"
KUSTOMIZATION: Final = {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization"}


@dataclass(frozen=True, slots=True)
class Manifest:
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


@dataclass(slots=True)
class RenderedApp:
    """The files, manifests and findings of one app.

    `files` maps a path relative to the repository to its content; `manifests` are those of all environments of the app.
    `bases` are the objects in the bases of its services, whose environment has no name.
    """

    files: dict[str, str] = field(default_factory=dict)
    manifests: list[Manifest] = field(default_factory=list)
    bases: list[Manifest] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


@dataclass(slots=True)
class _Base:
    """A service as rendered in its base: its objects by kind and name, and its config files."""

    instance: ServiceInstance
    objects: dict[tuple[str, str], Tree]
    config: dict[str, str]


def render_app(fleet: Fleet, routing: Routing, objects: ObjectRenderer, services: list[ServiceEntry]) -> RenderedApp:
    """Render all files and objects of the app whose services are `services`."""
    return _AppRenderer(fleet, routing, objects, services).render()


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


class _AppRenderer:
    def __init__(self, fleet: Fleet, routing: Routing, objects: ObjectRenderer, services: list[ServiceEntry]) -> None:
        self.fleet, self.routing, self.objects, self.services = fleet, routing, objects, services
        self.project, self.app = services[0].project, services[0].app
        self.folder = f"{ROOT}/{self.project}/{self.app}"
        self.out = RenderedApp()
        self.patches = SpecPatches()
        self.waves = delivers(fleet.platform, "argocd")

    def render(self) -> RenderedApp:
        environments = running_instances(self.fleet, self.routing, self.services)
        by_service: dict[tuple[str, str, str], list[ServiceInstance]] = {}
        for entries in environments.values():
            for instance in entries:
                by_service.setdefault(instance.service.key, []).append(instance)
        bases = {key: self._base(entries[0].service, entries) for key, entries in by_service.items()}
        for environment, entries in environments.items():
            self._overlay(environment, entries, bases)
        self.out.findings += self.patches.findings()
        return self.out

    def _base(self, service: ServiceEntry, instance: list[ServiceInstance]) -> _Base:
        base = self.fleet.bases[service.key]
        # kustomize cannot delete a generated ConfigMap again, so the base has one only if every overlay has.
        config = base.settings.config if all(d.settings.config for d in instance) else None
        base = _with_config(base, config)
        context = self.objects.context(base)
        rendered = self._service(context, BASE)
        trees = {entry.key: entry.tree for entry in rendered}
        self.out.bases += [Manifest(entry.tree, "", entry.template, base, entry.patched) for entry in rendered]
        folder, header = f"{self.folder}/base/{service.name}", first_line(service.document.file)
        kustomization: dict[str, Any] = {**KUSTOMIZATION, "resources": ["resources.yaml"]}
        if config:
            kustomization["configMapGenerator"] = [self._generator(context, CONFIG, config)]
            self._config(f"{folder}/{CONFIG}", config)
        if any(one.settings.group_size > 1 for one in (base, *instance)):
            kustomization["configurations"] = [REFERENCES]
            self.out.files[f"{folder}/{REFERENCES}"] = header + dump(GROUP_REFERENCES)
        self.out.files[f"{folder}/kustomization.yaml"] = header + dump(kustomization)
        self.out.files[f"{folder}/resources.yaml"] = header + documents(trees.values())
        return _Base(base, trees, config or {})

    def _overlay(
        self, environment: str, entries: list[ServiceInstance], bases: dict[tuple[str, str, str], _Base]
    ) -> None:
        folder, header = f"{self.folder}/overlays/{environment}", first_line(f"services/{self.project}/{self.app}/")
        generators: list[dict[str, Any]] = []
        patches: list[dict[str, str]] = []
        extra: list[Tree] = [self._marker(environment)]
        for instance in entries:
            context = self.objects.context(instance)
            if (finding := gpu_refusal(context)) is not None:
                self.out.findings.append(finding)
            base = bases[instance.service.key]
            generators += self._overlay_config(f"{folder}/workloads", context, base)
            workload_patches, added = self._workload(context, base)
            patches += workload_patches
            extra += [*added, *self._own(context)]
        routes = group_routes(self.routing.routes.get((environment, self.project, self.app), []))
        workloads: dict[str, Any] = {
            **KUSTOMIZATION,
            "namespace": self._namespace(environment),
            "resources": [*(f"../../../base/{d.service.name}" for d in entries), "resources.yaml"],
            **({"configMapGenerator": generators} if generators else {}),
            **({"patches": patches} if patches else {}),
        }
        top = {**KUSTOMIZATION, "resources": ["workloads", *(["routes/routes.yaml"] if routes else [])]}
        self.out.files[f"{folder}/kustomization.yaml"] = header + dump(top)
        self.out.files[f"{folder}/workloads/kustomization.yaml"] = header + dump(workloads)
        self.out.files[f"{folder}/workloads/resources.yaml"] = header + documents(extra)
        if routes:
            self.out.files[f"{folder}/routes/routes.yaml"] = header + documents(map(self._route, routes))

    def _workload(self, context: ServiceContext, base: _Base) -> tuple[list[dict[str, str]], list[Tree]]:
        """Return the patches from the base to the manifests, and the objects that the base does not have."""
        instance, config = context.instance, context.instance.settings.config or {}
        if config:
            self._true(self._ordered(hashed_config(context, config)), "config", instance)
        rendered = {o.key: o for o in self._service(context, BASE)}
        patches = [deletion(tree) for key, tree in base.objects.items() if key not in rendered]
        added: list[Tree] = []
        for key, entry in rendered.items():
            tree = rewrite_references(entry.tree, config_name(context), config) if config else entry.tree
            self._true(with_namespace(tree, instance.namespace), entry.template, instance, entry.patched)
            if key not in base.objects:
                added.append(with_namespace(entry.tree, instance.namespace))
            elif (patch := patch_for(base.objects[key], entry.tree)) is not None:
                patches.append(patch)
        return [{"patch": dump(patch)} for patch in patches], added

    def _own(self, context: ServiceContext) -> list[Tree]:
        """Return the objects that exist only in an overlay."""
        out = []
        rendered: Object
        for rendered in self._service(context, OVERLAY):
            tree = with_namespace(rendered.tree, context.instance.namespace)
            self._true(tree, rendered.template, context.instance, rendered.patched)
            out.append(tree)
        return out

    def _overlay_config(self, folder: str, context: ServiceContext, base: _Base) -> list[dict[str, Any]]:
        config = context.instance.settings.config or {}
        if not config or config == base.config:
            return []
        name = context.instance.service.name
        self._config(f"{folder}/{CONFIG}/{name}", config)
        generator = self._generator(context, f"{CONFIG}/{name}", config)
        if base.config:
            generator = {"name": generator["name"], "behavior": "replace", **generator}
        return [generator]

    def _generator(self, context: ServiceContext, folder: str, config: dict[str, str]) -> dict[str, Any]:
        files = [f"{folder}/{name}" for name in sorted(config)]
        options = {"options": {"annotations": wave_of("ConfigMap")}} if self.waves else {}
        return {"name": config_name(context), "files": files, **options}

    def _config(self, folder: str, config: dict[str, str]) -> None:
        for name, content in config.items():
            self.out.files[f"{folder}/{name}"] = content

    def _marker(self, environment: str) -> Tree:
        labels = {"app.kubernetes.io/part-of": self.project, **MANAGED_BY}
        values = marker_values(self.app, self.project, environment, labels)
        marker = self.objects.renderer.require_object(MARKER, values)
        tree = with_namespace(self._ordered(marker), self._namespace(environment))
        self.out.manifests.append(Manifest(tree, environment, MARKER, self.services[0], values=values))
        return tree

    def _route(self, route: RouteGroup) -> Tree:
        tree = self._ordered(self.objects.route(route))
        context = route.owner.environment
        self.out.manifests.append(Manifest(tree, context.name, BACKENDS[context.facts.routing].TEMPLATE, route))
        return tree

    def _service(self, context: ServiceContext, folder: str) -> list[Object]:
        rendered = self.objects.service(context, folder, self.patches)
        return [replace(entry, tree=self._ordered(entry.tree)) for entry in rendered]

    def _ordered(self, tree: Tree) -> Tree:
        """Return the object with its sync wave if Argo CD delivers to any cluster of the repository.

        The annotation is then on the objects of all clusters: bases belong to all environments, and other tools ignore
        it.
        """
        return in_wave(tree) if self.waves else tree

    def _true(self, tree: Tree, template: str, instance: ServiceInstance, patched: tuple[SlotPath, ...] = ()) -> None:
        self.out.manifests.append(Manifest(tree, instance.environment.name, template, instance, patched))

    def _namespace(self, environment: str) -> str:
        return self.fleet.namespace(self.project, environment)


def _with_config(base: ServiceInstance, config: dict[str, str] | None) -> ServiceInstance:
    if config == base.settings.config:
        return base
    return replace(base, settings=base.settings.model_copy(update={"config": config}))


def documents(trees: Iterable[Tree]) -> str:
    """Return the trees as one YAML string, one document per tree."""
    return "---\n".join(dump(tree) for tree in trees)


def first_line(source: str) -> str:
    """Return the first line of every file that servegen generates."""
    return f"# Generated by servegen from {source}; do not edit\n"

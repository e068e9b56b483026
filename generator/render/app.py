"""Rendering of one app: its files (bases, overlays, routes) and its manifests, the objects that result from them.

The patches of an overlay are the difference of two renders, the base and the manifests of that environment, so
`kustomize build` of the overlay prints exactly these manifests.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct, field
from msgspec.structs import replace

from generator.core.yaml import dump
from generator.render.app_manifests import AppManifests, Manifest, running_instances
from generator.render.files import CONFIG, ROOT
from generator.render.kustomize.config import GROUP_REFERENCES, REFERENCES
from generator.render.kustomize.patch import deletion, patch_for
from generator.render.objects import BASE, gpu_refusal, with_namespace
from generator.render.sync_waves import wave_of
from generator.render.views.pod_files import config_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from generator.core.finding import Finding
    from generator.fleet.model import Fleet, ServiceEntry, ServiceInstance
    from generator.fleet.routing import Routing
    from generator.render.engine.shapes import Tree
    from generator.render.objects import ObjectRenderer
    from generator.render.views.context import ServiceContext

KUSTOMIZATION: Final = {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization"}


class RenderedApp(Struct):
    """The files, manifests and findings of one app.

    `files` maps a path relative to the repository to its content; `manifests` are those of all environments of the app.
    `bases` are the objects in the bases of its services, whose environment has no name.
    """

    files: dict[str, str] = field(default_factory=dict)
    manifests: list[Manifest] = field(default_factory=list)
    bases: list[Manifest] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


class _Base(Struct):
    """A service as rendered in its base: its objects by kind and name, and its config files."""

    instance: ServiceInstance
    objects: dict[tuple[str, str], Tree]
    config: dict[str, str]


def render_app(fleet: Fleet, routing: Routing, objects: ObjectRenderer, services: list[ServiceEntry]) -> RenderedApp:
    """Render all files and objects of the app whose services are `services`."""
    return _AppRenderer(fleet, routing, objects, services).render()


class _AppRenderer:
    def __init__(self, fleet: Fleet, routing: Routing, objects: ObjectRenderer, services: list[ServiceEntry]) -> None:
        self.fleet, self.routing, self.objects, self.services = fleet, routing, objects, services
        self.project, self.app = services[0].project, services[0].app
        self.folder = f"{ROOT}/{self.project}/{self.app}"
        self.manifests_of = AppManifests(fleet, routing, objects, services)
        self.out = RenderedApp(manifests=self.manifests_of.made)

    def render(self) -> RenderedApp:
        environments = running_instances(self.fleet, self.routing, self.services)
        by_service: dict[tuple[str, str, str], list[ServiceInstance]] = {}
        for entries in environments.values():
            for instance in entries:
                by_service.setdefault(instance.service.key, []).append(instance)
        bases = {key: self._base(entries[0].service, entries) for key, entries in by_service.items()}
        for environment, entries in environments.items():
            self._overlay(environment, entries, bases)
        self.out.findings += self.manifests_of.patches.findings()
        return self.out

    def _base(self, service: ServiceEntry, instance: list[ServiceInstance]) -> _Base:
        base = self.fleet.bases[service.key]
        # kustomize cannot delete a generated ConfigMap again, so the base has one only if every overlay has.
        config = base.settings.config if all(d.settings.config for d in instance) else None
        base = _with_config(base, config)
        context = self.objects.context(base)
        rendered = self.manifests_of.service(context, BASE)
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
        extra: list[Tree] = [self.manifests_of.marker(environment)]
        for instance in entries:
            context = self.objects.context(instance)
            if (finding := gpu_refusal(context)) is not None:
                self.out.findings.append(finding)
            base = bases[instance.service.key]
            generators += self._overlay_config(f"{folder}/workloads", context, base)
            workload_patches, added = self._workload(context, base)
            patches += workload_patches
            extra += [*added, *self.manifests_of.own(context)]
        routes = self.manifests_of.routes(environment)
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
            self.out.files[f"{folder}/routes/routes.yaml"] = header + documents(map(self.manifests_of.route, routes))

    def _workload(self, context: ServiceContext, base: _Base) -> tuple[list[dict[str, str]], list[Tree]]:
        """Return the patches from the base to the manifests, and the objects that the base does not have."""
        self.manifests_of.config(context)
        rendered, namespace = self.manifests_of.workload(context), context.instance.namespace
        patches = [deletion(tree) for key, tree in base.objects.items() if key not in rendered]
        added: list[Tree] = []
        for key, entry in rendered.items():
            if key not in base.objects:
                added.append(with_namespace(entry.tree, namespace))
            elif (patch := patch_for(base.objects[key], entry.tree)) is not None:
                patches.append(patch)
        return [{"patch": dump(patch)} for patch in patches], added

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
        options = {"options": {"annotations": wave_of("ConfigMap")}} if self.manifests_of.waves else {}
        return {"name": config_name(context), "files": files, **options}

    def _config(self, folder: str, config: dict[str, str]) -> None:
        for name, content in config.items():
            self.out.files[f"{folder}/{name}"] = content

    def _namespace(self, environment: str) -> str:
        return self.fleet.namespace(self.project, environment)


def _with_config(base: ServiceInstance, config: dict[str, str] | None) -> ServiceInstance:
    if config == base.settings.config:
        return base
    return replace(base, settings=replace(base.settings, config=config))


def documents(trees: Iterable[Tree]) -> str:
    """Return the trees as one YAML string, one document per tree."""
    return "---\n".join(dump(tree) for tree in trees)


def first_line(source: str) -> str:
    """Return the first line of every file that servegen generates."""
    return f"# Generated by servegen from {source}; do not edit\n"

"""Resolve spec files to a fleet: parse them, merge the layers and apply the stage rules.

One run collects the findings of all files.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from generator.core.finding import Finding, Position
from generator.fleet.damage import damage_of_absence
from generator.fleet.environment_contexts import environment_contexts
from generator.fleet.load import Specs, read_specs
from generator.fleet.model import Fleet, ServiceEntry, ServiceInstance, namespace
from generator.fleet.references import find_unknown_extensions, report_unknown_name
from generator.fleet.reuse import Reuse
from generator.fleet.spec_file import read_spec_file
from generator.spec.cards import choose_card, only_card
from generator.spec.files import PLATFORM
from generator.spec.layers import Layer, Values, layer, merge, to_settings
from generator.spec.stage import combine_rules

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from generator.core.yaml import Document, Path
    from generator.fleet.model import EnvironmentContext
    from generator.fleet.spec_file import ReadFile
    from generator.spec.cards import Card
    from generator.spec.catalog import Catalog, Sidecar
    from generator.spec.claims import AccessMode
    from generator.spec.model import Version
    from generator.spec.platform import Platform
    from generator.spec.project import Project
    from generator.spec.settings import Settings


def resolve(
    files: Mapping[str, bytes],
    catalog: Catalog,
    unread: Iterable[str] = (),
    *,
    read: ReadFile = read_spec_file,
    earlier: Fleet | None = None,
) -> tuple[Fleet | None, list[Finding]]:
    """Return the fleet of the files below `services/` (path relative to the repository -> content), and the findings.

    The fleet is None when nothing can be resolved: a data file of the repository's own templates is invalid, the
    platform file is missing or invalid, or no environment has a known cluster and stage. The findings say which.
    `unread` are paths that were found and not read, `read` is as for `read_specs`. Instances of the fleet `earlier`,
    resolved with the same catalog, are taken over if all that they depend on is the same.
    """
    specs, findings = read_specs(files, unread, read)
    if mistakes := catalog.mistakes:
        return None, [*findings, *mistakes]
    findings += find_unknown_extensions(specs, catalog)
    if specs.platform is None:
        if not any(p.position.file == PLATFORM for p in findings):
            message = f"the file {PLATFORM} is missing"
            findings.append(Finding("F04", message, Position(PLATFORM), "run `servegen init`"))
        return None, findings
    document, platform = specs.platform
    contexts = environment_contexts(document, platform, catalog, findings)
    resolver = _Resolver(specs, platform, document, contexts, catalog, findings, Reuse.of(earlier, specs, catalog))
    if not contexts:
        return None, findings
    return resolver.fleet(), findings


@dataclass(slots=True)
class _Resolver:
    specs: Specs
    platform: Platform
    document: Document
    contexts: dict[str, EnvironmentContext]
    catalog: Catalog
    findings: list[Finding]
    reuse: Reuse
    _projects: dict[str, Project] = field(init=False)
    _own: dict[tuple[str, str, str], tuple[Layer, ...]] = field(default_factory=dict)
    # The service that holds a name, by cluster, namespace and service name.
    _names: dict[tuple[str, str, str], ServiceEntry] = field(default_factory=dict)
    _duplicate_names: list[tuple[ServiceEntry, ServiceEntry, EnvironmentContext]] = field(default_factory=list)
    # Layers that services share, merged once: by project, type, environment, and model if the type's file uses {model}.
    _shared: dict[tuple[str, str, str, str], tuple[tuple[Layer, ...], Values]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._projects = {name: project for name, (_, project) in self.specs.projects.items()}

    def fleet(self) -> Fleet:
        bases: dict[tuple[str, str, str], ServiceInstance] = {}
        instances: dict[str, dict[tuple[str, str, str], ServiceInstance]] = {name: {} for name in self.contexts if name}
        for service in (services := (*self.specs.services, *self.specs.salvaged)):
            base = self._instance(service, self.contexts[""])
            if base is None:
                continue
            bases[service.key] = base
            self._releases(service, instances)
        return Fleet(
            platform=self.platform,
            document=self.document,
            environments=self.platform.environments,
            grants=self.platform.grants,
            waivers=self.platform.waivers,
            contexts=self.contexts,
            projects=self._projects,
            project_documents={name: document for name, (document, _) in self.specs.projects.items()},
            models=self.specs.models,
            unread_models=frozenset(self.specs.unread_models),
            services=services,
            bases=bases,
            instances=instances,
            duplicate_names=tuple(self._duplicate_names),
            unread=frozenset(self.specs.unread),
            catalog=self.catalog,
            salvaged=frozenset(service.key for service in self.specs.salvaged),
            damage=self.specs.damage | damage_of_absence(services, instances),
        )

    def _releases(
        self, service: ServiceEntry, instances: dict[str, dict[tuple[str, str, str], ServiceInstance]]
    ) -> None:
        for name, release in service.spec.environments.items():
            if name not in self.platform.environments:
                path = ("environments", name)
                finding = report_unknown_name("environment", name, self.platform.environments, service.document, path)
                self.findings.append(finding)
            elif release is not None and name in self.contexts and self._alone(service, self.contexts[name]):
                entry = self._instance(service, self.contexts[name])
                if entry is not None:
                    instances[name][service.key] = entry

    def _alone(self, service: ServiceEntry, environment: EnvironmentContext) -> bool:
        """Whether no other service renders the same objects in the environment's namespace; record a duplicate name.

        Objects are named after the spec file.
        """
        space = namespace(self.platform, self._projects, service.project, environment.name)
        other = self._names.setdefault((environment.cluster, space, service.name), service)
        if other is not service:
            self._duplicate_names.append((service, other, environment))
        return other is service

    def _instance(self, service: ServiceEntry, environment: EnvironmentContext) -> ServiceInstance | None:
        if (known := self.reuse.instance(service, environment.name)) is not None:
            return known
        if service.spec.type not in self.catalog.servers:
            return None
        server, _ = self.catalog.servers[service.spec.type]
        version = self._version(service)
        layers, values = self._layers(service, environment, version)
        settings = to_settings(values)
        release = service.spec.environments.get(environment.name)
        entry = ServiceInstance(
            service=service,
            environment=environment,
            namespace=namespace(self.platform, self._projects, service.project, environment.name)
            if environment.name
            else "",
            settings=settings,
            layers=layers,
            rules=combine_rules(environment.rules, release.rules)
            if release is not None and release.rules
            else environment.rules,
            server=server,
            sidecar=self._sidecar(settings),
            card=self._card(settings, environment),
            version=version,
            released=release.released if release is not None else None,
            manual=release is not None and release.takeover == "manual",
            rollout=release.rollout if release is not None else None,
            rollout_stopped=release.rollout_stopped if release is not None else None,
            claims=self._claims(service.project, environment),
        )
        return entry if self._complete(entry) else None

    def _layers(
        self, service: ServiceEntry, environment: EnvironmentContext, version: Version | None
    ) -> tuple[tuple[Layer, ...], Values]:
        shared, values = self._shared_layers(service, environment)
        own = self._own_layers(service, version)
        if (release := service.spec.environments.get(environment.name)) is not None:
            path: Path = ("environments", environment.name)
            own = (*own, layer(f"the service in {environment.name}", service.document, path, release))
        return (*shared, *own), merge([values, *(entry.values for entry in own)])

    def _own_layers(self, service: ServiceEntry, version: Version | None) -> tuple[Layer, ...]:
        """Return the layers of the model version and of the service, which are the same in every environment."""
        if service.key in self._own:
            return self._own[service.key]
        own = []
        if version is not None and version.defaults is not None:
            path: Path = ("versions", service.spec.version, "defaults")
            document = self.specs.models[service.project, service.spec.model].document
            own.append(layer(f"the model version {service.spec.version}", document, path, version.defaults))
        own.append(layer("the service", service.document, (), service.spec))
        self._own[service.key] = tuple(own)
        return self._own[service.key]

    def _shared_layers(
        self, service: ServiceEntry, environment: EnvironmentContext
    ) -> tuple[tuple[Layer, ...], Values]:
        spec = service.spec
        model = spec.model if self.catalog.differs_by_model(spec.type) else ""
        key = service.project, spec.type, environment.name, model
        if key not in self._shared:
            server = self.catalog.server_layer(spec.type, spec.model)
            layers = (self.catalog.defaults, server, *self._shared_chain(service.project, environment))
            self._shared[key] = layers, merge(entry.values for entry in layers)
        return self._shared[key]

    def _shared_chain(self, project: str, environment: EnvironmentContext) -> Iterable[Layer]:
        document, platform = self.document, self.platform
        own, spec = self.specs.projects.get(project, (None, None))
        stanza = spec.environments.get(environment.name) if spec is not None else None
        facts = platform.environments.get(environment.name)
        candidates: list[tuple[str, Document | None, Path, Settings | None]] = [
            ("the platform", document, ("defaults",), platform.defaults),
            (
                f"the cluster {environment.cluster}",
                document,
                ("clusters", environment.cluster, "defaults"),
                environment.facts.defaults,
            ),
            (
                f"the environment {environment.name}",
                document,
                ("environments", environment.name, "defaults"),
                facts.defaults if facts is not None else None,
            ),
            (f"the project {project}", own, ("defaults",), spec.defaults if spec is not None else None),
            (
                f"the project {project} in {environment.name}",
                own,
                ("environments", environment.name, "defaults"),
                stanza.defaults if stanza is not None else None,
            ),
        ]
        for name, source, path, settings in candidates:
            if settings is not None and source is not None:
                yield layer(name, source, path, settings)

    def _version(self, service: ServiceEntry) -> Version | None:
        model = self.specs.models.get((service.project, service.spec.model))
        return model.spec.versions.get(service.spec.version) if model is not None else None

    def _claims(self, project: str, environment: EnvironmentContext) -> Mapping[str, AccessMode]:
        shared, spec = environment.facts.claims, self._projects.get(project)
        return {**shared, **spec.claims} if spec is not None and spec.claims else shared

    def _sidecar(self, settings: Settings) -> Sidecar | None:
        return self.catalog.sidecars.get(settings.sidecar) if settings.sidecar is not None else None

    def _card(self, settings: Settings, environment: EnvironmentContext) -> Card | None:
        gpu, here = settings.gpu, environment.facts.gpu.cards
        if gpu is None or not gpu.has_card:
            return None
        if gpu.card is None:
            return only_card(self.catalog.cards, here, gpu.maker)
        return choose_card(self.catalog.cards, here, gpu.card)

    def _complete(self, entry: ServiceInstance) -> bool:
        """Whether the instance can be rendered; add a K02 finding for each missing key.

        Settings that can be rendered but should not be are left to the checks. What a broken file may set is not
        missing.
        """
        missing = []
        unsettled = tuple(self.specs.damage.unsettled)
        if entry.settings.image is None and entry.server.images is None:
            missing.append(("image", f"the type {entry.service.spec.type} has no default image; add `image: …`"))
        if not entry.settings.ports:
            missing.append(("ports", "add `ports: …`"))
        for key, hint in missing if not entry.service.document.file.startswith(unsettled) else ():
            position = entry.service.document.position(("type",))
            self.findings.append(Finding("K02", f"the key {key} is missing", position, hint))
        return not missing

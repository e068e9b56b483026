"""Spec files to a fleet: read, merge the layers, apply the stage's rules. All mistakes of all files in one run."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from generator.core.finding import Position, Problem
from generator.fleet.load import Specs, read_specs
from generator.fleet.model import Deployed, Fleet, Place, ServiceEntry, namespace
from generator.spec.delivery import delivery_of
from generator.spec.files import ROOT
from generator.spec.layers import Layer, Values, layer, merge, settle
from generator.spec.stage import Rules, combined
from generator.spec.values.text import closest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from generator.core.yaml import Document, Path
    from generator.spec.catalog import Card, Shipped, Sidecar
    from generator.spec.model import Version
    from generator.spec.namespaces import PodSecurity
    from generator.spec.platform import Cluster, Environment, Platform
    from generator.spec.project import Project
    from generator.spec.settings import Settings

# A base is written as if there were no environment.
_NEUTRAL = Rules.model_construct(
    environment="none",
    prefix="",
    interactive=False,
    probes=True,
    autoscaling=False,
    disruption_budget=False,
    external=False,
    replicas="min",
)


def resolve(files: Mapping[str, bytes], shipped: Shipped) -> tuple[Fleet | None, list[Problem]]:
    """The fleet that the files below `services/` describe (path relative to the repository -> content).

    None when a file is so wrong that there is nothing to look at; the problems say which.
    """
    specs, problems = read_specs(files)
    if specs.platform is None:
        if not any(p.position.file == f"{ROOT}/platform.yaml" for p in problems):
            message = f"the file {ROOT}/platform.yaml is missing"
            problems.append(Problem("F04", message, Position(f"{ROOT}/platform.yaml"), "make it with `servegen init`"))
        return None, problems
    document, platform = specs.platform
    places = _places(document, platform, shipped, problems)
    resolver = _Resolver(specs, platform, document, places, shipped, problems)
    if not places:
        return None, problems
    return resolver.fleet(), problems


def _places(document: Document, platform: Platform, shipped: Shipped, problems: list[Problem]) -> dict[str, Place]:
    """The environments with their clusters and rules, and the neutral place of bases under the empty name."""
    places = {}
    for name, environment in platform.environments.items():
        path: Path = ("environments", name)
        cluster = platform.clusters.get(environment.cluster)
        stage = shipped.stages.get(environment.stage)
        if cluster is None:
            problems.append(_unknown("cluster", environment.cluster, platform.clusters, document, (*path, "cluster")))
        if stage is None:
            problems.append(_unknown("stage", environment.stage, shipped.stages, document, (*path, "stage")))
        if cluster is not None and stage is not None:
            rules = combined(stage, environment.rules)
            tool = delivery_of(platform, environment.cluster).tool
            places[name] = Place(name, environment.cluster, cluster, rules, _pod_security(cluster, environment), tool)
    if places:
        first, facts = next(iter(platform.clusters.items()))
        places[""] = Place("", first, facts, _NEUTRAL)
    return places


def _pod_security(cluster: Cluster, environment: Environment) -> PodSecurity | None:
    facts = cluster.namespaces
    return environment.pod_security or facts.pod_security or ("baseline" if facts.managed else None)


def _unknown(what: str, found: str, known: Iterable[str], document: Document, path: Path) -> Problem:
    names = sorted(known)
    hint = closest(found, names) or f"known here: {', '.join(names)}"
    return Problem("K04", f'found the {what} "{found}", expected one that exists', document.position(path), hint)


@dataclass(slots=True)
class _Resolver:
    specs: Specs
    platform: Platform
    document: Document
    places: dict[str, Place]
    shipped: Shipped
    problems: list[Problem]
    _projects: dict[str, Project] = field(init=False)
    _own: dict[tuple[str, str, str], tuple[Layer, ...]] = field(default_factory=dict)
    # Who has a name: by cluster, namespace and service.
    _names: dict[tuple[str, str, str], ServiceEntry] = field(default_factory=dict)
    _twins: list[tuple[ServiceEntry, ServiceEntry, Place]] = field(default_factory=list)
    # Layers that many services share, merged once: by project, type and environment.
    _shared: dict[tuple[str, str, str], tuple[tuple[Layer, ...], Values]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._projects = {name: project for name, (_, project) in self.specs.projects.items()}

    def fleet(self) -> Fleet:
        bases: dict[tuple[str, str, str], Deployed] = {}
        deployed: dict[str, dict[tuple[str, str, str], Deployed]] = {name: {} for name in self.places if name}
        for service in self.specs.services:
            if service.spec.type not in self.shipped.servers:
                known = self.shipped.servers
                self.problems.append(_unknown("type", service.spec.type, known, service.document, ("type",)))
                continue
            base = self._deployed(service, self.places[""])
            if base is None:
                continue
            bases[service.key] = base
            self._releases(service, deployed)
        return Fleet(
            platform=self.platform,
            document=self.document,
            environments=self.platform.environments,
            places=self.places,
            projects=self._projects,
            project_documents={name: document for name, (document, _) in self.specs.projects.items()},
            models=self.specs.models,
            unread_models=frozenset(self.specs.unread_models),
            services=tuple(self.specs.services),
            bases=bases,
            deployed=deployed,
            twins=tuple(self._twins),
            unread=frozenset(self.specs.unread),
            shipped=self.shipped,
        )

    def _releases(self, service: ServiceEntry, deployed: dict[str, dict[tuple[str, str, str], Deployed]]) -> None:
        for name, release in service.spec.environments.items():
            if name not in self.platform.environments:
                path = ("environments", name)
                problem = _unknown("environment", name, self.platform.environments, service.document, path)
                self.problems.append(problem)
            elif release is not None and name in self.places and self._alone(service, self.places[name]):
                entry = self._deployed(service, self.places[name])
                if entry is not None:
                    deployed[name][service.key] = entry

    def _alone(self, service: ServiceEntry, where: Place) -> bool:
        """Whether no other file makes the same objects there: their names are the files' names."""
        space = namespace(self.platform, self._projects, service.project, where.name)
        other = self._names.setdefault((where.cluster, space, service.name), service)
        if other is not service:
            self._twins.append((service, other, where))
        return other is service

    def _deployed(self, service: ServiceEntry, where: Place) -> Deployed | None:
        server, _ = self.shipped.servers[service.spec.type]
        version = self._version(service)
        layers, values = self._layers(service, where, version)
        settings = settle(values)
        release = service.spec.environments.get(where.name)
        entry = Deployed(
            service=service,
            place=where,
            namespace=namespace(self.platform, self._projects, service.project, where.name) if where.name else "",
            settings=settings,
            layers=layers,
            rules=combined(where.rules, release.rules) if release is not None and release.rules else where.rules,
            server=server,
            sidecar=self._sidecar(settings),
            card=self._card(settings),
            version=version,
            released=release.released if release is not None else None,
            manual=release is not None and release.takeover == "manual",
        )
        return entry if self._complete(entry) else None

    def _layers(self, service: ServiceEntry, where: Place, version: Version | None) -> tuple[tuple[Layer, ...], Values]:
        shared, values = self._shared_layers(service, where)
        own = self._own_layers(service, version)
        if (release := service.spec.environments.get(where.name)) is not None:
            path: Path = ("environments", where.name)
            own = (*own, layer(f"the service in {where.name}", service.document, path, release))
        return (*shared, *own), merge([values, *(entry.values for entry in own)])

    def _own_layers(self, service: ServiceEntry, version: Version | None) -> tuple[Layer, ...]:
        """The layers of the model version and of the service, which are the same everywhere."""
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

    def _shared_layers(self, service: ServiceEntry, where: Place) -> tuple[tuple[Layer, ...], Values]:
        key = service.project, service.spec.type, where.name
        if key not in self._shared:
            layers = tuple(self._shared_chain(service.project, service.spec.type, where))
            self._shared[key] = layers, merge(entry.values for entry in layers)
        return self._shared[key]

    def _shared_chain(self, project: str, type: str, where: Place) -> Iterable[Layer]:
        yield self.shipped.defaults
        yield self.shipped.servers[type][1]
        document, platform = self.document, self.platform
        own, spec = self.specs.projects.get(project, (None, None))
        stanza = spec.environments.get(where.name) if spec is not None else None
        environment = platform.environments.get(where.name)
        candidates: list[tuple[str, Document | None, Path, Settings | None]] = [
            ("the platform", document, ("defaults",), platform.defaults),
            (f"the cluster {where.cluster}", document, ("clusters", where.cluster, "defaults"), where.facts.defaults),
            (
                f"the environment {where.name}",
                document,
                ("environments", where.name, "defaults"),
                environment.defaults if environment is not None else None,
            ),
            (f"the project {project}", own, ("defaults",), spec.defaults if spec is not None else None),
            (
                f"the project {project} in {where.name}",
                own,
                ("environments", where.name, "defaults"),
                stanza.defaults if stanza is not None else None,
            ),
        ]
        for name, source, path, settings in candidates:
            if settings is not None and source is not None:
                yield layer(name, source, path, settings)

    def _version(self, service: ServiceEntry) -> Version | None:
        model = self.specs.models.get((service.project, service.spec.model))
        return model.spec.versions.get(service.spec.version) if model is not None else None

    def _sidecar(self, settings: Settings) -> Sidecar | None:
        return self.shipped.sidecars.get(settings.sidecar) if settings.sidecar is not None else None

    def _card(self, settings: Settings) -> Card | None:
        gpu = settings.resources.gpu if settings.resources is not None else None
        return self.shipped.cards.get(gpu.card) if gpu is not None and gpu.card is not None else None

    def _complete(self, entry: Deployed) -> bool:
        """What cannot be rendered at all is a problem here; what can, but should not, is for the checks."""
        missing = []
        if entry.settings.image is None:
            missing.append(("image", f"the type {entry.service.spec.type} has no image of its own; add `image: …`"))
        if not entry.settings.ports:
            missing.append(("ports", "add `ports: …`"))
        for key, hint in missing:
            position = entry.service.document.position(("type",))
            self.problems.append(Problem("K02", f"the key {key} is missing", position, hint))
        return not missing

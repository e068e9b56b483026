"""The fleet: all specs of a repository resolved to service instances with their settings and the layers that set them.

`Fleet` is the one object that checks, views and reports read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct, field
from msgspec.structs import force_setattr, replace

from generator.fleet.damage import Damage
from generator.spec.layers import origin

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from generator.core.finding import Position
    from generator.core.yaml import Document, Path
    from generator.fleet.launch import Launch
    from generator.fleet.metrics import Metric
    from generator.spec.cards import Card
    from generator.spec.catalog import Catalog, Sidecar
    from generator.spec.claims import AccessMode
    from generator.spec.delivery import Tool
    from generator.spec.grants import Grant
    from generator.spec.layers import Layer
    from generator.spec.model import Model, Version
    from generator.spec.namespaces import PodSecurity
    from generator.spec.platform import Cluster, Environment, Platform
    from generator.spec.project import Project
    from generator.spec.server import Server
    from generator.spec.service import Service
    from generator.spec.settings import Settings
    from generator.spec.stage import Rules
    from generator.spec.values.rollout import RolloutPlan
    from generator.spec.waivers import FolderWaiver

# The layers at the start of `ServiceInstance.layers` that no repository needs to write: the shipped defaults, and those
# of the service's model server. All others come from spec files.
SERVER_LAYERS: Final = 2


class ServiceEntry(Struct, frozen=True):
    """One service spec file."""

    project: str
    app: str
    name: str
    document: Document
    spec: Service
    key: tuple[str, str, str] = ("", "", "")
    """Project, app and name, as in the path below `services/`: made of the three, whatever is given."""

    def __post_init__(self) -> None:
        force_setattr(self, "key", (self.project, self.app, self.name))


class ModelEntry(Struct, frozen=True):
    """One file of the model registry."""

    project: str
    name: str
    document: Document
    spec: Model


class ClusterEntry(Struct, frozen=True):
    """One cluster, and the document and path in which a spec declares an object that exists once per cluster."""

    name: str
    document: Document
    path: Path


class EnvironmentContext(Struct, frozen=True):
    """An environment with the facts of its cluster and the rules of its stage.

    The context in which bases are rendered has an empty `name`, the facts of the first cluster and neutral rules.
    `pod_security` is the Pod Security Standard that the namespaces enforce, None if none is set. `tool` is the delivery
    tool of the cluster, `metrics` are those that `hpa` may name.
    """

    name: str
    cluster: str
    facts: Cluster
    rules: Rules
    pod_security: PodSecurity | None = None
    tool: Tool = "none"
    metrics: Mapping[str, Metric] = field(default_factory=dict)


class ServiceInstance(Struct, frozen=True):
    """One service in one environment, or the base of a service, with its effective settings."""

    service: ServiceEntry
    environment: EnvironmentContext
    namespace: str
    settings: Settings
    layers: tuple[Layer, ...]
    rules: Rules
    server: Server
    sidecar: Sidecar | None
    card: Card | None
    version: Version | None
    released: datetime | None
    manual: bool
    """Whether the spec has `takeover: manual` for the environment, which defers the takeover of the host."""
    rollout: RolloutPlan | None = None
    """The steps in which it takes its host over, which defers the takeover until the last one."""
    rollout_stopped: str | None = None
    """Why the rollout ended before its last step."""
    claims: Mapping[str, AccessMode] = field(default_factory=dict)
    """How nodes may mount claims, as the cluster and the project say."""
    launch: Launch | None = None
    """How the server starts with its model; None if the service has its own command, or the server no launch."""

    @property
    def deferred(self) -> bool:
        """Whether its release stamp alone does not give it the host of another service."""
        return self.manual or self.rollout is not None

    def position(self, *path: str | int) -> Position:
        """Return where the setting at `path` was set.

        For a value from the catalog (a file below `templates/`), this is the line of the service's `type`, which
        selects the catalog's values.
        """
        place = origin(self.layers, path) if path else None
        if place is not None and place.file.startswith("templates/"):
            return self.service.document.position(("type",))
        return place or self.service.document.position(path)

    def in_environment(self, *path: str | int) -> Position:
        """Return the position of `path` in the service's stanza for this environment."""
        return self.service.document.position(("environments", self.environment.name, *path))


def namespace(platform: Platform, projects: dict[str, Project], project: str, environment: str) -> str:
    """Return the namespace of a project in an environment: the project's setting, else the environment's.

    `{project}` and `{environment}` in either are replaced.
    """
    spec = projects.get(project)
    stanza = spec.environments.get(environment) if spec is not None else None
    pattern = (stanza.namespace if stanza is not None else None) or platform.environments[environment].namespace
    return pattern.replace("{project}", project).replace("{environment}", environment)


class Fleet(Struct, frozen=True):
    """All specs of a repository, resolved.

    `grants` are those that are in force, by project (`*` for all), None if there are none. `waivers` are those of the
    platform file that are in force.
    `duplicate_names`: the service that is left out, the service of the same name that is deployed instead,
    and the environment. `unread` (service names) and `unread_models` have a file that cannot be read or parsed.
    `salvaged` are the services of which only a part could be parsed, and `damage` is what is not known because of such
    files.
    """

    platform: Platform
    document: Document
    environments: dict[str, Environment]
    grants: Mapping[str, Grant] | None
    waivers: tuple[FolderWaiver, ...]
    contexts: dict[str, EnvironmentContext]
    projects: dict[str, Project]
    project_documents: dict[str, Document]
    models: dict[tuple[str, str], ModelEntry]
    unread_models: frozenset[tuple[str, str]]
    services: tuple[ServiceEntry, ...]
    bases: dict[tuple[str, str, str], ServiceInstance]
    instances: dict[str, dict[tuple[str, str, str], ServiceInstance]]
    duplicate_names: tuple[tuple[ServiceEntry, ServiceEntry, EnvironmentContext], ...]
    unread: frozenset[str]
    catalog: Catalog
    salvaged: frozenset[tuple[str, str, str]] = frozenset()
    damage: Damage = field(default_factory=Damage)

    def has_groups(self, environments: Iterable[str]) -> bool:
        """Return whether a service of these environments spreads a replica over several nodes, superseded or not."""
        entries = (instance for name in environments for instance in self.instances.get(name, {}).values())
        return any(instance.settings.group_size > 1 for instance in entries)

    def drop_broken(self) -> Fleet:
        """Return the fleet of the services that have no errors: what is rendered and printed."""
        if not self.salvaged:
            return self
        return replace(
            self,
            services=tuple(entry for entry in self.services if entry.key not in self.salvaged),
            bases={key: entry for key, entry in self.bases.items() if key not in self.salvaged},
            instances={
                name: {key: entry for key, entry in entries.items() if key not in self.salvaged}
                for name, entries in self.instances.items()
            },
            salvaged=frozenset(),
        )

    def apps(self) -> dict[tuple[str, str], list[ServiceEntry]]:
        """Return the services of each app, by project and app, in the order of their file paths."""
        out: dict[tuple[str, str], list[ServiceEntry]] = {}
        for service in self.services:
            out.setdefault((service.project, service.app), []).append(service)
        return out

    def all_instances(self) -> Iterator[ServiceInstance]:
        """Yield every service instance of every environment, superseded ones included."""
        for entries in self.instances.values():
            yield from entries.values()

    def namespace(self, project: str, environment: str) -> str:
        """Return the namespace of a project in an environment."""
        return namespace(self.platform, self.projects, project, environment)

    def project_position(self, project: str, *path: str | int) -> Position:
        """Return the position of `path` in a project's spec file."""
        return self.project_documents[project].position(path)

    def platform_position(self, *path: str | int) -> Position:
        """Return the position of `path` in the platform file."""
        where: Path = path
        return self.document.position(where)

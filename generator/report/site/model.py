"""What the page of the fleet shows, as text: one class for each kind of thing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.spec.server import Api


@dataclass(frozen=True, slots=True)
class SiteRevision:
    """The commit that the page shows: its id and its time; both empty without a commit. `notes` are about both."""

    commit: str = ""
    time: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EnvironmentEntry:
    """An environment, and the links of its cluster: titles and addresses with names in braces."""

    name: str
    cluster: str
    stage: str
    links: tuple[tuple[str, str], ...]


class SettingRow(NamedTuple):
    """A setting as a layer writes it, and the environments for which it counts: a tuple, as a fleet has very many."""

    key: str
    value: str
    layer: str
    file: str
    environments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One commit that changed the spec of a service."""

    time: str
    author: str
    what: str
    commit: str


@dataclass(frozen=True, slots=True)
class DeployedService:
    """A service in one environment. `addresses` are pairs of the way and the text; `host` is without a scheme.

    `calls` are the addresses that the examples use: the first one by HTTP, the first one by gRPC; empty if none is.
    `application` and `dashboard` are names that links contain.
    """

    environment: str
    namespace: str
    state: str
    reason: str
    host: str
    card: str
    replicas: str
    released: str
    addresses: tuple[tuple[str, str], ...]
    calls: tuple[str, str]
    application: str
    dashboard: str


@dataclass(frozen=True, slots=True)
class ServiceSheet:
    """A service: what its file says, and how it runs in each environment. `served` are the names that clients use."""

    project: str
    app: str
    name: str
    model: str
    version: str
    type: str
    description: str
    owners: tuple[str, ...]
    api: Api | None
    served: tuple[str, ...]
    file: str
    spec: str
    deployed: tuple[DeployedService, ...]
    settings: tuple[SettingRow, ...]
    history: tuple[HistoryRow, ...]

    @property
    def address(self) -> str:
        """The part of the address of its page after `#`."""
        return f"service/{self.project}/{self.app}/{self.name}"

    @property
    def owner_names(self) -> str:
        """The owners in one text."""
        return " ".join(self.owners)


@dataclass(frozen=True, slots=True)
class ModelVersionRow:
    """A version of a model; each value is text, empty if it is not registered. `used` are addresses of services."""

    name: str
    facts: Mapping[str, str]
    used: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ModelSheet:
    """A model of the registry."""

    project: str
    name: str
    description: str
    versions: tuple[ModelVersionRow, ...]


@dataclass(frozen=True, slots=True)
class HostRow:
    """A host of an environment: its gateways, and the services that name it with what each gets of its requests."""

    environment: str
    host: str
    gateways: tuple[str, ...]
    services: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class PoolRow:
    """A pool of nodes of a cluster: how many there are, and what one has."""

    cluster: str
    pool: str
    nodes: str
    each: str


@dataclass(frozen=True, slots=True)
class FleetSite:
    """The whole page."""

    revision: SiteRevision
    environments: tuple[EnvironmentEntry, ...]
    services: tuple[ServiceSheet, ...]
    models: tuple[ModelSheet, ...]
    hosts: tuple[HostRow, ...]
    pools: tuple[PoolRow, ...]

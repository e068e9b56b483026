"""What the page of the fleet shows, as text: one class for each kind of thing."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.spec.server import Api


class SiteRevision(Struct, frozen=True):
    """The commit that the page shows: its id and its time; both empty without a commit. `notes` are about both."""

    commit: str = ""
    time: str = ""
    notes: tuple[str, ...] = ()


class EnvironmentEntry(Struct, frozen=True):
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


class HistoryRow(Struct, frozen=True):
    """One commit that changed the spec of a service."""

    time: str
    author: str
    what: str
    commit: str


class DeployedService(Struct, frozen=True):
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


class ServiceSheet(Struct, frozen=True):
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


class ModelVersionRow(Struct, frozen=True):
    """A version of a model; each value is text, empty if it is not registered. `used` are addresses of services."""

    name: str
    facts: Mapping[str, str]
    used: tuple[str, ...]


class ModelSheet(Struct, frozen=True):
    """A model of the registry."""

    project: str
    name: str
    description: str
    versions: tuple[ModelVersionRow, ...]


class HostRow(Struct, frozen=True):
    """A host of an environment: its gateways, and the services that name it with what each gets of its requests."""

    environment: str
    host: str
    gateways: tuple[str, ...]
    services: tuple[tuple[str, str], ...]


class PoolRow(Struct, frozen=True):
    """A pool of nodes of a cluster: how many there are, and what one has."""

    cluster: str
    pool: str
    nodes: str
    each: str


class FleetSite(Struct, frozen=True):
    """The whole page."""

    revision: SiteRevision
    environments: tuple[EnvironmentEntry, ...]
    services: tuple[ServiceSheet, ...]
    models: tuple[ModelSheet, ...]
    hosts: tuple[HostRow, ...]
    pools: tuple[PoolRow, ...]

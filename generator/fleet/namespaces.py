"""The namespaces that a fleet needs on its clusters, and their quotas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.core.finding import Position
    from generator.core.yaml import Document, Path
    from generator.fleet.model import Fleet
    from generator.spec.namespaces import Quota

# The keys of a quota, in the order in which they are shown.
RESOURCES: Final = ("cpu", "memory", "gpu", "pods")


class Namespace(Struct, frozen=True):
    """One namespace of a cluster, which belongs to one environment. `projects` are those that have apps in it."""

    cluster: str
    environment: str
    name: str
    projects: tuple[str, ...]


class QuotaEntry(Struct, frozen=True):
    """The value of one key of a quota, and the document and path that set it."""

    value: str | int
    document: Document
    path: Path

    @property
    def position(self) -> Position:
        """The position of the key."""
        return self.document.position(self.path)


def namespaces(fleet: Fleet) -> list[Namespace]:
    """Return the namespaces in which an app has an overlay, by environment and name.

    A namespace that two environments share, which N10 forbids, belongs to the first of them.
    """
    projects: dict[tuple[str, str], dict[str, set[str]]] = {}
    owners: dict[tuple[str, str], str] = {}
    for environment in fleet.instances:
        cluster = fleet.contexts[environment].cluster
        for project in dict.fromkeys(s.project for s in fleet.services if environment in s.spec.environments):
            name = fleet.namespace(project, environment)
            owner = owners.setdefault((cluster, name), environment)
            projects.setdefault((cluster, owner), {}).setdefault(name, set()).add(project)
    return [
        Namespace(cluster, environment, name, tuple(sorted(members)))
        for (cluster, environment), named in projects.items()
        for name, members in sorted(named.items())
    ]


def quota_entries(fleet: Fleet, space: Namespace) -> dict[str, QuotaEntry]:
    """Return the quota of a namespace by key: the environment's quota, overridden key by key by the projects'."""
    out: dict[str, QuotaEntry] = {}
    for quota, document, path in _quotas(fleet, space):
        for key in RESOURCES:
            value = getattr(quota, key)
            if value is not None:
                out[key] = QuotaEntry(value, document, (*path, key))
    return out


def _quotas(fleet: Fleet, space: Namespace) -> Iterator[tuple[Quota, Document, Path]]:
    path: Path = ("environments", space.environment, "quota")
    common = fleet.environments[space.environment].quota
    if common is not None:
        yield common, fleet.document, path
    for project in space.projects:
        spec = fleet.projects.get(project)
        stanza = spec.environments.get(space.environment) if spec is not None else None
        if stanza is not None and stanza.quota is not None:
            yield stanza.quota, fleet.project_documents[project], path

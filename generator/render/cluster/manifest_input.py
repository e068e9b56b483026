"""The input of the modules of this package, and their output: objects as template values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from msgspec import Struct

from generator.fleet.model import ClusterEntry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.core.yaml import Path
    from generator.fleet.model import Fleet
    from generator.fleet.namespaces import Namespace
    from generator.render.objects import ObjectRenderer
    from generator.spec.platform import Cluster


class ClusterContext(Struct, frozen=True):
    """One cluster with its namespaces. `environment` is the first one on it, to which its objects are assigned."""

    name: str
    facts: Cluster
    environment: str
    spaces: tuple[Namespace, ...]
    fleet: Fleet
    objects: ObjectRenderer

    def entry(self, *path: str) -> ClusterEntry:
        """Return an origin below the cluster in the platform file."""
        where: Path = ("clusters", self.name, *path)
        return ClusterEntry(self.name, self.fleet.document, where)


class ManifestInput(Struct, frozen=True):
    """The input of one manifest: its template and the template's values, its namespace, and its origin.

    `namespace` is None for an object that is not namespaced.
    """

    template: str
    context: dict[str, Any]
    namespace: str | None
    environment: str
    origin: ClusterEntry


class Kind(Protocol):
    """The interface of a module of this package. `FILE` is the name of the file that holds its objects."""

    FILE: str

    def parts(self, site: ClusterContext, /) -> Iterator[ManifestInput]:
        """Yield the objects of a cluster."""

"""What a module of this package looks at, and what it gives: objects as the values of a template."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from generator.fleet.model import ClusterEntry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.core.yaml import Path
    from generator.fleet.model import Fleet
    from generator.fleet.namespaces import Namespace
    from generator.render.objects import ObjectRenderer
    from generator.spec.platform import Cluster


@dataclass(frozen=True, slots=True)
class ClusterContext:
    """One cluster with its namespaces. `environment` is the first one on it, to which it is counted."""

    name: str
    facts: Cluster
    environment: str
    spaces: tuple[Namespace, ...]
    fleet: Fleet
    objects: ObjectRenderer

    def entry(self, *path: str) -> ClusterEntry:
        """A place below the cluster in the platform file."""
        where: Path = ("clusters", self.name, *path)
        return ClusterEntry(self.name, self.fleet.document, where)


@dataclass(frozen=True, slots=True)
class ManifestInput:
    """One object: its template with what that sees, its namespace (None where it has none), and where it comes from."""

    template: str
    context: dict[str, Any]
    namespace: str | None
    environment: str
    origin: ClusterEntry


class Kind(Protocol):
    """What a module of this package offers. `FILE` is the file of its objects."""

    FILE: str

    def parts(self, site: ClusterContext, /) -> Iterator[ManifestInput]:
        """The objects of a cluster."""

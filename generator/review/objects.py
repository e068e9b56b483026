"""The objects of one side by their identity on an API server."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

from generator.fleet.model import ServiceEntry, ServiceInstance
from generator.fleet.routes import RouteGroup
from generator.render.files import CONFIG
from generator.review.kinds import group_kind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from generator.fleet.model import Fleet
    from generator.render.app_manifests import Manifest
    from generator.render.engine.shapes import Tree


class ObjectKey(NamedTuple):
    """What identifies an object: `kind` has the group (`apps/Deployment`), `namespace` is empty if it has none.

    The name of a generated ConfigMap is the one without the hash of its content.
    """

    cluster: str
    namespace: str
    kind: str
    name: str

    @property
    def short_kind(self) -> str:
        """The kind without its group."""
        return self.kind.rpartition("/")[2]


class Rendered(Struct, frozen=True):
    """One object of one side; the tree of a generated ConfigMap has the name without the hash."""

    key: ObjectKey
    manifest: Manifest
    tree: Tree

    @property
    def environment(self) -> str:
        """The environment that gets the object; of an object that a cluster has once, the first on the cluster."""
        return self.manifest.environment

    @property
    def generated(self) -> bool:
        """Whether kustomize generates it, and adds a hash of the content to its name."""
        return self.manifest.template == CONFIG

    @property
    def service(self) -> tuple[str, str, str] | None:
        """The service that the object is part of, of a route the owner of its host; None for any other object."""
        origin = self.manifest.origin
        if isinstance(origin, RouteGroup):
            return origin.owner.service.key
        return origin.service.key if isinstance(origin, ServiceInstance) else None

    @property
    def derived(self) -> bool:
        """Whether it exists because services do: a route, or what an app has for its delivery."""
        return isinstance(self.manifest.origin, RouteGroup | ServiceEntry)

    @property
    def file(self) -> str:
        """The spec file from which the object comes: of a route, that of the service that owns the host."""
        origin = self.manifest.origin
        if isinstance(origin, RouteGroup):
            return origin.owner.service.document.file
        return origin.service.document.file if isinstance(origin, ServiceInstance) else origin.document.file


def by_key(fleet: Fleet, manifests: Iterable[Manifest]) -> dict[ObjectKey, Rendered]:
    """Return objects by their identity, in their order."""
    found = (_rendered(fleet, entry) for entry in manifests)
    return {one.key: one for one in found}


def _rendered(fleet: Fleet, entry: Manifest) -> Rendered:
    metadata = entry.tree["metadata"]
    tree = entry.tree
    if entry.template == CONFIG:
        tree = {**tree, "metadata": {**metadata, "name": metadata["name"].rpartition("-")[0]}}
    cluster = fleet.contexts[entry.environment].cluster
    key = ObjectKey(cluster, metadata.get("namespace", ""), group_kind(tree), tree["metadata"]["name"])
    return Rendered(key, entry, tree)

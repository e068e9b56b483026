"""What is unique for an object on an API server, and the spec from which an object is rendered."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from generator.fleet.model import ServiceInstance
from generator.fleet.routes import RouteGroup

if TYPE_CHECKING:
    from generator.core.yaml import Document
    from generator.fleet.model import Fleet
    from generator.render.app_manifests import Manifest


class ObjectIdentity(NamedTuple):
    """The key that is unique for an object on an API server. `namespace` is empty for cluster-scoped kinds."""

    cluster: str
    namespace: str
    kind: str
    name: str


def identify(fleet: Fleet, entry: Manifest) -> tuple[ObjectIdentity, str, str]:
    """Return the identity of an object, its environment and its spec file."""
    metadata = entry.tree["metadata"]
    cluster = fleet.contexts[entry.environment].cluster
    identity = ObjectIdentity(cluster, metadata.get("namespace", ""), entry.tree["kind"], metadata["name"])
    return identity, entry.environment, document_of(entry).file


def document_of(entry: Manifest) -> Document:
    """Return the spec file from which an object is rendered: that of its service, app, route or cluster."""
    origin = entry.origin
    if isinstance(origin, RouteGroup):
        return origin.owner.service.document
    return origin.service.document if isinstance(origin, ServiceInstance) else origin.document

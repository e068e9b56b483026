"""What only one pod of a service can hold at a time, so that a second one beside it may never start."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from generator.render.views import pod_files
from generator.spec.claims import HOLDERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.render.views.context import ServiceContext


class Exclusive(Struct, frozen=True):
    """Whether a pod holds whole cards or a port of its node, and the claims that one node or one pod mounts."""

    cards: bool
    node_port: bool
    claims: tuple[str, ...]

    def __bool__(self) -> bool:
        """Return whether there is anything."""
        return self.cards or self.node_port or bool(self.claims)


def exclusive(context: ServiceContext) -> Exclusive:
    """Return what only one pod of a service can hold."""
    settings = context.instance.settings
    cards = settings.gpu is not None and settings.gpu.count > 0 and not context.placement.elastic
    patches = any(_has_node_port(patch) for patch in settings.patches or ())
    return Exclusive(cards, patches, tuple(_claims(context)))


def _claims(context: ServiceContext) -> Iterator[str]:
    modes = context.instance.claims
    if any(mode in HOLDERS for mode in modes.values()):
        for volume in pod_files.volumes(context):
            claim = volume.get("persistentVolumeClaim", {}).get("claimName")
            if claim is not None and modes.get(claim) in HOLDERS:
                yield claim


def _has_node_port(node: Any) -> bool:
    """Return whether a patch gives a container a port of the node."""
    if isinstance(node, dict):
        return any(
            bool(value) if key in ("hostPort", "hostNetwork") else _has_node_port(value) for key, value in node.items()
        )
    return isinstance(node, list) and any(_has_node_port(item) for item in node)

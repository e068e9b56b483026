"""The effects that a change of an object has in a cluster, the most dangerous first."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable


class Effect(StrEnum):
    """What happens when a change reaches its cluster."""

    DELETE = "delete"
    RECREATE = "recreate"
    HAND_OVER = "host hand-over"
    TAKEOVER = "takeover"
    RESTART = "restart"
    CAPACITY = "capacity"
    ROUTE = "route"
    CREATE = "create"
    IN_PLACE = "in place"
    METADATA = "metadata"
    NONE = "none"


# What each effect means, for readers of a report.
MEANINGS: Final = {
    Effect.DELETE: "objects and hosts that leave a cluster",
    Effect.RECREATE: "a field that cannot change: an API server refuses the update until the object is deleted",
    Effect.HAND_OVER: "a host that goes to another app",
    Effect.TAKEOVER: "a host that goes to another service of its app, and what the loser leaves behind",
    Effect.RESTART: "pods are replaced",
    Effect.CAPACITY: "another number of pods, or another quota",
    Effect.ROUTE: "requests go elsewhere, or are handled in another way",
    Effect.CREATE: "new objects and hosts",
    Effect.IN_PLACE: "the object is updated, and no pod restarts",
    Effect.METADATA: "labels and annotations",
    Effect.NONE: "another notation of the same value",
}
_RANK: Final = {effect: rank for rank, effect in enumerate(Effect)}


def rank(effect: Effect) -> int:
    """Return the place of an effect in the order of danger; 0 is the most dangerous."""
    return _RANK[effect]


def worst(effects: Iterable[Effect]) -> Effect:
    """Return the most dangerous of some effects; without any, none."""
    return min(effects, key=rank, default=Effect.NONE)

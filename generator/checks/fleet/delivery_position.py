"""Positions of the `delivery` keys that apply to a cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from generator.core.finding import Position
    from generator.fleet.model import Fleet


def delivery_position(fleet: Fleet, cluster: str, key: str) -> Position:
    """Return the position of the `delivery` key that applies to a cluster: the cluster's own, else the platform's."""
    own = fleet.platform.clusters[cluster].delivery
    if own is not None and key in own.written:
        return fleet.platform_position("clusters", cluster, "delivery", key)
    return fleet.platform_position("delivery", key)

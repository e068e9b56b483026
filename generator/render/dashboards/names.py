"""The names of dashboards, and the identifiers by which links find them."""

from __future__ import annotations

from hashlib import sha256
from typing import Final

FLEET: Final = "fleet"
"""The name of the dashboard of all services; those of model servers have the name of the type."""
# Grafana takes at most 40 characters.
_UID_NAME: Final = 31


def board_name(type: str) -> str:
    """Return the name of the dashboard of a model server: the type, unless the dashboard of all services has it."""
    return f"{type}-{digest(type)}" if type == FLEET else type


def server_uid(cluster: str, type: str) -> str:
    """Return the identifier of the dashboard of a model server on a cluster."""
    return board_uid(cluster, board_name(type))


def board_uid(cluster: str, name: str) -> str:
    """Return the identifier of a dashboard, by its cluster and name. It stays the same, and no two have the same."""
    return f"{f'{cluster}-{name}'[:_UID_NAME]}-{digest(f'{cluster}/{name}')}"


def digest(name: str) -> str:
    """Return what tells apart names that would be alike after they are shortened or changed."""
    return sha256(name.encode()).hexdigest()[:8]

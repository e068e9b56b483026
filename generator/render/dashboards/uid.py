"""The identifiers of dashboards, by which links find them."""

from __future__ import annotations

from hashlib import sha256
from typing import Final

# Grafana takes at most 40 characters.
_UID_NAME: Final = 31


def board_uid(cluster: str, name: str) -> str:
    """Return the identifier of a dashboard, by its cluster and name. It stays the same, and no two have the same."""
    text = f"{cluster}-{name}"
    return f"{text[:_UID_NAME]}-{sha256(text.encode()).hexdigest()[:8]}"

"""JSON in a string field: cube-studio stores mappings (sub-models, metrics) as JSON in a column, and users paste it."""

from __future__ import annotations

import json
from typing import Any


def decode(text: str) -> dict[str, str] | list[dict[str, str]] | None:
    """Decode a JSON mapping, or a list of mappings, with strings as values; None for any other string.

    Nested values stay JSON.
    """
    if not text.lstrip().startswith(("{", "[")):
        return None
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if isinstance(data, dict):
        return texts(data)
    return [texts(item) for item in data] if data and all(isinstance(item, dict) for item in data) else None


def texts(data: dict[str, Any]) -> dict[str, str]:
    """Return a mapping from JSON with each value as a string."""
    return {
        name: item if isinstance(item, str) else json.dumps(item, ensure_ascii=False) for name, item in data.items()
    }

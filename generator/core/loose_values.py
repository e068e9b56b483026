"""Values of rendered objects as code expects them: a patch or an own template may put anything at any path.

The schemas report a value of another type. Other code passes it over.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

T = TypeVar("T", bound=Mapping[str, Any])


def to_map(value: Any) -> dict[str, Any]:
    """Return a value that is a mapping, and an empty one for everything else."""
    return value if isinstance(value, dict) else {}


def to_list(value: Any) -> list[Any]:
    """Return a value that is a list, and an empty one for everything else."""
    return value if isinstance(value, list) else []


def without_nulls(tree: T) -> T:
    """Return an object without fields that are null, which are the same as absent ones."""
    if "None" not in repr(tree):  # faster than to look at each value, and few objects have any
        return tree
    found: T = _without_nulls(tree)
    return found


def _without_nulls(node: Any) -> Any:
    if isinstance(node, list):
        return [_without_nulls(item) for item in node]
    if isinstance(node, dict):
        return {key: _without_nulls(value) for key, value in node.items() if value is not None}
    return node

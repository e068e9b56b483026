"""Values of rendered objects as code expects them: a patch or an own template may put anything at any path.

The schemas report a value of another type. Other code passes it over.
"""

from __future__ import annotations

from typing import Any


def to_map(value: Any) -> dict[str, Any]:
    """Return a value that is a mapping, and an empty one for everything else."""
    return value if isinstance(value, dict) else {}


def to_list(value: Any) -> list[Any]:
    """Return a value that is a list, and an empty one for everything else."""
    return value if isinstance(value, list) else []

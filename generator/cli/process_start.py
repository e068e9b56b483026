"""What a process of servegen sets before it imports anything that takes time."""

from __future__ import annotations

import gc
from typing import Final

from generator.core import started  # noqa: F401  # before all other modules

# A run creates many objects and few reference cycles, so Python looks for cycles after so many new objects, not 700:
# modules and spec models alone are more than 100,000, and to go through them once takes a tenth of `servegen list`.
_OBJECTS: Final = 1_000_000


def prepare_process() -> None:
    """Set up garbage collection."""
    gc.set_threshold(_OBJECTS)

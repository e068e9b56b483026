"""Python's garbage collector, which the work on a whole fleet does without."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def no_collector() -> Iterator[None]:
    """Turn the collector of reference cycles off in the block."""
    # A run creates many objects and few reference cycles, so the cyclic garbage collector costs time and frees little.
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()

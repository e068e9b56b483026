"""The apps of a large fleet on all processors. Apps do not depend on each other, so the result is the same."""

from __future__ import annotations

import multiprocessing
import os
import sys
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

A = TypeVar("A")
R = TypeVar("R")

# Below this a second process costs more than it saves.
_WORTH_IT: Final = 100
_BATCHES_PER_PROCESS: Final = 4

# What the forked processes inherit: closures and fleets need not be sent, only the results come back.
_inherited: tuple[Callable[[object], object], list[object]] | None = None


def spread(work: Callable[[A], R], items: list[A]) -> Iterable[R]:
    """`map(work, items)` with the work shared by forked processes, where there is much of it; in the same order."""
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1
    # Elsewhere than on Linux, forking a process that uses the system's libraries is not safe.
    if processors < 2 or len(items) < _WORTH_IT or sys.platform != "linux":
        return map(work, items)
    return _forked(work, items, processors)


def _forked(work: Callable[[A], R], items: list[A], processors: int) -> Iterator[R]:
    global _inherited  # the only way into a forked process that costs nothing
    _inherited = work, items  # type: ignore[assignment]  # given back as it is
    size = -(-len(items) // (processors * _BATCHES_PER_PROCESS))
    batches = [range(start, min(start + size, len(items))) for start in range(0, len(items), size)]
    try:
        with multiprocessing.get_context("fork").Pool(processors) as pool:
            for results in pool.imap(_batch, batches):
                yield from results  # type: ignore[misc]  # what `work` gave
    finally:
        _inherited = None


def _batch(numbers: range) -> list[object]:
    assert _inherited is not None  # set before the fork
    work, items = _inherited
    return [work(items[number]) for number in numbers]

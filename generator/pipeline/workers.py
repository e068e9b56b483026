"""Spread the apps of a large fleet over all processors. Apps are independent, so the result is the same."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

A = TypeVar("A")
R = TypeVar("R")

# With fewer items than this, more processes cost more time than they save.
_WORTH_IT: Final = 100
_BATCHES_PER_PROCESS: Final = 4

# The forked processes inherit the function and the items, so only the results are sent between processes.
_inherited: tuple[Callable[[object], object], list[object]] | None = None


def spread(work: Callable[[A], R], items: list[A]) -> Iterable[R]:
    """Return `map(work, items)` in the same order; many items are divided among forked processes."""
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1
    # Outside Linux, forking a process that uses system libraries is not safe.
    if processors < 2 or len(items) < _WORTH_IT or sys.platform != "linux":
        return map(work, items)
    return _forked(work, items, processors)


def _forked(work: Callable[[A], R], items: list[A], processors: int) -> Iterator[R]:
    from multiprocessing import get_context  # small fleets do without

    global _inherited  # a global is inherited by a fork at no cost
    _inherited = work, items  # type: ignore[assignment]  # passed to `work` unchanged
    size = -(-len(items) // (processors * _BATCHES_PER_PROCESS))
    batches = [range(start, min(start + size, len(items))) for start in range(0, len(items), size)]
    try:
        with get_context("fork").Pool(processors) as pool:
            for results in pool.imap(_batch, batches):
                yield from results  # type: ignore[misc]  # the results of `work`
    finally:
        _inherited = None


def _batch(numbers: range) -> list[object]:
    assert _inherited is not None  # set before the fork
    work, items = _inherited
    return [work(items[number]) for number in numbers]

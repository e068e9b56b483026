"""Waiting for a cluster to get somewhere."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

_T = TypeVar("_T")


def until(what: str, ask: Callable[[], _T], *, seconds: float = 90, told: Callable[[], object] = lambda: "") -> _T:
    """The first answer that is not falsy. Raises AssertionError, with what `told` says, when none comes in time."""
    end = time.monotonic() + seconds
    while not (answer := ask()):
        assert time.monotonic() < end, f"waited {seconds:.0f} s: {what}\n{told()}"
        time.sleep(0.1)
    return answer

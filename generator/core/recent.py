"""Remember what a function returned for the last objects it was called with."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
R = TypeVar("R")

# More than the objects of an app that their readers ask for in turn.
_KEPT: Final = 128


def once_per_object(function: Callable[[T], R]) -> Callable[[T], R]:
    """Return `function` so that the result for one of the last objects is computed once.

    Objects are told apart by identity, at no cost for large ones: no caller may change an object, or a result.
    """
    known: dict[int, tuple[T, R]] = {}

    @wraps(function)
    def recall(item: T) -> R:
        found = known.get(id(item))
        if found is None:
            if len(known) == _KEPT:
                known.clear()
            # With the object itself, so that its id stays its own.
            found = known[id(item)] = item, function(item)
        return found[1]

    return recall

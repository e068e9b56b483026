"""Checks of values that may be of any type."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator

T = TypeVar("T")


def tolerate(found: Iterator[T]) -> Iterator[T]:
    """Yield what a check finds in a value that its schema refuses, until the check stumbles over the value."""
    try:
        yield from found
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        return

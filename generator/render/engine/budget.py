"""What one render of a template may cost: a number of steps, which bounds its time, its memory and its output."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from jinja2 import Undefined
from msgspec import Struct

from generator.core.yaml.depth import MAX_DEPTH

if TYPE_CHECKING:
    from collections.abc import Iterable

STEPS: Final = 200_000
# Numbers beyond this are no quantities of a cluster; Kubernetes stores 64-bit integers.
_LARGEST: Final = 1 << 63
# How many characters cost one step: copying them is much cheaper than a step of a loop.
_CHARACTERS: Final = 64


class OperationError(Exception):
    """A template asked for something that it may not do, or for too much of it."""

    def __init__(self, message: str, hint: str = "use a value that the view provides, with its type") -> None:
        super().__init__(message)
        self.message, self.hint = message, hint


class StepBudget(Struct):
    """The steps that the running template has left."""

    left: int = STEPS

    def renew(self) -> None:
        """Start a render."""
        self.left = STEPS

    def spend(self, steps: int) -> None:
        """Take `steps` away. Raises OperationError if there are not so many."""
        self.left -= steps
        if self.left < 0:
            raise OperationError(f"this template takes more than {STEPS:,} steps", "shorten its lists and loops")

    def spend_characters(self, characters: int) -> None:
        """Take away what a string of this length costs. Raises OperationError as `spend` does."""
        self.spend(1 + characters // _CHARACTERS)

    def spend_on(self, value: Any) -> None:
        """Take away what visiting every part of a value costs. Raises OperationError as `spend` does.

        A list that contains another one twice is visited twice, as it will be by everything that reads the value. Also
        raises OperationError for a part that YAML cannot hold.
        """
        level, steps, depth = [value] if not isinstance(value, Undefined) else [], 0, 0
        while level:
            below: list[Any] = []
            for item in level:
                if isinstance(item, str):
                    steps += 1 + len(item) // _CHARACTERS
                elif isinstance(item, dict | list | tuple):
                    steps += 1 + len(item)
                    if steps > self.left:
                        break
                    if depth == MAX_DEPTH:
                        raise OperationError(f"a value with more than {MAX_DEPTH} levels", "nest fewer lists")
                    below += _parts(item)
                else:
                    steps += 1
                    _require_plain(item)
            self.spend(steps)
            level, steps, depth = below, 0, depth + 1


def bounded_number(value: Any) -> Any:
    """Return a number. Raises OperationError if it is too large, infinite or no number."""
    if not -_LARGEST < value < _LARGEST:
        raise OperationError("a number with more than 63 bits")
    return value


def _parts(value: dict[Any, Any] | list[Any] | tuple[Any, ...]) -> Iterable[Any]:
    if not isinstance(value, dict):
        return value
    if not all(issubclass(kind, str) for kind in set(map(type, value))):
        raise OperationError("a mapping with a key that is not a string")
    return (*value.keys(), *value.values())


def _require_plain(value: Any) -> None:
    if isinstance(value, Undefined):
        str(value)  # raises the error that names what is undefined
    if isinstance(value, int | float):
        bounded_number(value)
    elif value is not None:
        raise OperationError("found a group of values, expected one of them", "write {{ pod.env }}, not {{ pod }}")

"""Metadata of a field that says how its value is parsed, and how an editor checks it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Callable

# The values of a fleet are few: thousands of services have `cpu:50%` and `8000`. Longer ones are hardly written twice.
_KEPT: Final = 1024
_LONGEST: Final = 200


class Parser(Struct, frozen=True):
    """Metadata of a field whose value `parse` returns for the written one, or raises InvalidValueError for."""

    parse: Callable[[Any], Any]

    def once_per_text(self) -> Callable[[Any], Any]:
        """Return `parse` so that a text that is written again and again is parsed once; mistakes are not remembered.

        Only results that nobody can change are shared: those with a hash.
        """
        known: dict[str, object] = {}

        def recall(value: object) -> object:
            if type(value) is not str or len(value) > _LONGEST:
                return self.parse(value)
            if value not in known:
                result = self.parse(value)
                if not _is_hashable(result):
                    return result
                if len(known) == _KEPT:
                    known.clear()
                known[value] = result
            return known[value]

        return recall


class Before(Struct, frozen=True):
    """Metadata of a field whose written value `change` turns into one of its type, or raises InvalidValueError for.

    `written` is the type of the written value, if editors should accept more than the type of the field.
    """

    change: Callable[[Any], Any]
    written: Any = None


class After(Struct, frozen=True):
    """Metadata of a field whose parsed value `change` turns into another one, or raises InvalidValueError for."""

    change: Callable[[Any], Any]


class JsonSchema(Struct, frozen=True):
    """Metadata of a field: the JSON Schema of the written value, for editors."""

    schema: dict[str, Any]

    def __hash__(self) -> int:
        return id(self)


def _is_hashable(value: object) -> bool:
    try:
        hash(value)
    except TypeError:
        return False
    return True

"""Lists of named things, whose items merge with those of earlier layers.

An item adds to the list, or replaces the item of the same name. `{name: null}` removes the item of that name, and a
plain `null` at the start removes all items of earlier layers, as an empty list does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Generic, TypeGuard, TypeVar

from msgspec import Struct

from generator.core.limits import MAX_ITEMS
from generator.core.yaml import EMPTY
from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.text import each, prefix_errors, to_ascii_punctuation

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

T = TypeVar("T")


class Removal(Struct, frozen=True):
    """Removes the item with this identity from what earlier layers set; `name` is what the spec names it."""

    identity: Hashable
    name: str


# None removes all items of earlier layers.
Layered = tuple[T | Removal | None, ...]


class ItemGrammar(Struct, Generic[T], frozen=True):
    """How a list is read: `one` parses an item, and `name` the name of an item to its identity.

    `expected` describes the list in messages.
    """

    expected: str
    one: Callable[[Any], T]
    name: Callable[[str], Hashable]

    def parse(self, value: object) -> Layered[T]:
        """Parse `a,b`, a list of items, one mapping, or a mapping of names to null. Raises InvalidValueError."""
        if isinstance(value, dict):
            return self._removals(value) if is_removal(value) else (self.one(value),)
        if not isinstance(value, list):
            return each(value, self.expected, self.one)
        if len(value) > MAX_ITEMS:
            expected = f"at most {MAX_ITEMS:,} items"
            raise InvalidValueError(len(value), expected, hint="remove those that are not needed")
        return tuple(self._item(item, index) for index, item in enumerate(value))

    def _item(self, item: object, index: int) -> T | Removal | None:
        with prefix_errors(index):
            if item is None:
                if index:
                    expected = "null as the first item only: it removes what earlier layers set"
                    raise InvalidValueError(item, expected, hint="write it first, or {name: null} to remove one item")
                return None
            if is_removal(item):
                return self._single(item)
            return self.one(to_ascii_punctuation(item).strip() if isinstance(item, str) else item)

    def _single(self, item: dict[str, None]) -> Removal:
        if len(item) > 1:
            raise InvalidValueError(item, "one name in each item", hint="write {name: null} for each of them")
        return self._removals(item)[0]

    def _removals(self, names: dict[str, None]) -> tuple[Removal, ...]:
        return tuple(self._removal(name, nothing) for name, nothing in names.items())

    def _removal(self, name: str, nothing: object) -> Removal:
        if nothing is not None:
            hint = f"write {{{name}: null}} to remove it" if nothing is EMPTY else ""
            raise InvalidValueError(nothing, self.expected, hint=hint, at=(name,))
        with prefix_errors(name):
            text = to_ascii_punctuation(name).strip()
            return Removal(self.name(text), text)


def is_removal(value: object) -> TypeGuard[dict[str, None]]:
    """Whether a value is a mapping of names to null, or to nothing."""
    return isinstance(value, dict) and bool(value) and all(item in (None, EMPTY) for item in value.values())


def kept(items: Layered[T]) -> tuple[T, ...]:
    """Return the items of a list without what removes items."""
    return tuple(item for item in items if item is not None and not isinstance(item, Removal))


REMOVAL_SCHEMA: Final[dict[str, Any]] = {
    "type": "object",
    "additionalProperties": {"type": "null"},
    "minProperties": 1,
}
REMOVALS_SCHEMA: Final = (REMOVAL_SCHEMA, {"type": "null"})
"""What may be among the items of a list besides items."""
NAMES_SCHEMA: Final = {
    "anyOf": [
        {"type": "string"},
        {"type": "array", "items": {"anyOf": [{"type": "string"}, *REMOVALS_SCHEMA]}},
        REMOVAL_SCHEMA,
    ]
}
"""A list of names, or names with commas, and what removes some of them."""

"""Metadata of spec fields: how layers combine, which types scalars have, which extension files a value names.

A key is declared in one place. By default a later layer replaces its value, its scalars stay strings until its own
grammar parses them, and it does not name a file; `Annotated[…]` on the field declares what differs from this. servegen
writes keys in the order of the fields.
"""

from __future__ import annotations

from enum import Enum, StrEnum
from functools import cached_property
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from generator.spec.base import fields_of

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator

    from generator.spec.base import Spec, SpecField


class Merge(Enum):
    """How the value of a later layer combines with that of an earlier one, if it does not replace it."""

    BY_KEY = "by key"
    NESTED = "by key, and by the keys of the mappings below"


class MergeItems(Struct, frozen=True, dict=True):
    """Items of a list add to those of earlier layers; one with the same `by` replaces the earlier one.

    `fields` are those of the item that `by` describes, none if it is the whole item. Without `by`, no item replaces
    another one.
    """

    by: str | None = None
    fields: tuple[str, ...] = ()

    @cached_property
    def identity(self) -> Callable[[Any], Hashable]:
        """Return what identifies an item."""
        return attrgetter(*self.fields) if self.fields else _itself


class Scalars(Enum):
    """Which types the scalars of a value have, if they do not stay strings."""

    KUBERNETES = "those of a Kubernetes object: plain numbers, booleans and nulls"


class Extension(StrEnum):
    """A kind of extension file below `templates/`; the value is the word that messages use for it."""

    SERVER = "type"
    SIDECAR = "sidecar"
    BACKEND = "backend"
    NODES = "node profile"
    STAGE = "stage"
    EXPORTER = "exporter"


def _itself(item: Any) -> Any:
    return item


def select_keys(model: type[Spec], mark: Merge | Scalars | Extension) -> frozenset[str]:
    """Return the keys of a model that have this metadata."""
    return frozenset(name for name, field in fields_of(model).items() if mark in field.metadata)


def select_lists(model: type[Spec]) -> dict[str, MergeItems]:
    """Return the keys of a model whose items merge, each with the rule."""
    marks = ((name, mark) for name, field in fields_of(model).items() for mark in field.metadata)
    return {name: mark for name, mark in marks if isinstance(mark, MergeItems)}


def describe_merge(field: SpecField) -> str:
    """Return how the value of a later layer combines with that of an earlier one; empty if it replaces it."""
    for mark in field.metadata:
        if isinstance(mark, Merge):
            return f"merges {mark.value}: null removes a key"
        if isinstance(mark, MergeItems):
            same = f"one with the same {mark.by} replaces the earlier one, and {{name: null}} removes it"
            rest = same if mark.by else "null as the first item removes those of earlier layers"
            return f"items add to the list: {rest}"
    return ""


def list_extensions(model: type[Spec]) -> Iterator[tuple[str, Extension]]:
    """Yield the keys of a model that name an extension file, each with the kind of file."""
    for name, field in fields_of(model).items():
        yield from ((name, mark) for mark in field.metadata if isinstance(mark, Extension))

"""Metadata of spec fields: how layers combine, which types scalars have, which extension files a value names.

A key is declared in one place. By default a later layer replaces its value, its scalars stay strings until its own
grammar parses them, and it does not name a file; `Annotated[…]` on the field declares what differs from this. servegen
writes keys in the order of the fields.
"""

from __future__ import annotations

from enum import Enum, StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import BaseModel


class Merge(Enum):
    """How the value of a later layer combines with that of an earlier one, if it does not replace it."""

    BY_KEY = "by key"


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


def select_keys(model: type[BaseModel], mark: Merge | Scalars | Extension) -> frozenset[str]:
    """Return the keys of a model that have this metadata."""
    return frozenset(name for name, field in model.model_fields.items() if mark in field.metadata)


def list_extensions(model: type[BaseModel]) -> Iterator[tuple[str, Extension]]:
    """Yield the keys of a model that name an extension file, each with the kind of file."""
    for name, field in model.model_fields.items():
        yield from ((name, mark) for mark in field.metadata if isinstance(mark, Extension))

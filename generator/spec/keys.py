"""Metadata of spec fields: how layers combine, which types scalars have, which extension files a value names.

A key is declared in one place. `Annotated[…]` on its field holds what differs from the usual key, which a later layer
replaces whole, whose scalars are text until its own grammar reads them, and which names no file. The order in which
servegen writes keys is the order of the fields.
"""

from __future__ import annotations

from enum import Enum, StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import BaseModel


class Merge(Enum):
    """How a value of a later layer combines with that of an earlier one, where it does not replace it."""

    BY_KEY = "by key"


class Scalars(Enum):
    """Which types the scalars of a value have, where they do not stay text."""

    KUBERNETES = "those of a Kubernetes object: plain numbers, booleans and nulls"


class Extension(StrEnum):
    """A kind of extension file below `templates/`; the value is the word for it in messages."""

    SERVER = "type"
    SIDECAR = "sidecar"
    BACKEND = "backend"
    NODES = "node profile"
    STAGE = "stage"


def select_keys(model: type[BaseModel], mark: Merge | Scalars | Extension) -> frozenset[str]:
    """The keys of a model that have this metadata."""
    return frozenset(name for name, field in model.model_fields.items() if mark in field.metadata)


def list_extensions(model: type[BaseModel]) -> Iterator[tuple[str, Extension]]:
    """The keys of a model that name an extension file, each with the kind of file."""
    for name, field in model.model_fields.items():
        yield from ((name, mark) for mark in field.metadata if isinstance(mark, Extension))

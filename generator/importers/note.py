"""A note of an importer about one imported row."""

from __future__ import annotations

from msgspec import Struct


class Note(Struct, frozen=True):
    """A note: the row, the column that it is about (may be empty), and what happened to the value."""

    row: str
    column: str
    text: str

"""A note of an importer about one imported row."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Note:
    """A note: the row, the column that it is about (may be empty), and what happened to the value."""

    row: str
    column: str
    text: str

"""What an importer tells about one row."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Note:
    """The row, the column that it is about (or none), and what became of it."""

    row: str
    column: str
    text: str

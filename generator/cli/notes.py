"""Print the notes of importers, grouped by text, and end the run with exit code 1 if something was not imported."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from generator.core.errors import ErrorsFoundError
from generator.core.secrets import hide_secrets

if TYPE_CHECKING:
    from collections.abc import Iterable

    from generator.importers.note import Note


def print_notes(title: str, notes: Iterable[Note]) -> None:
    """Print the notes under a title, grouped; print nothing if there are none."""
    grouped: dict[tuple[str, str], list[str]] = {}
    for note in notes:
        grouped.setdefault((note.column, note.text), []).append(note.row)
    if grouped:
        click.echo(f"\n{title}:")
    for (column, text), rows in grouped.items():
        click.echo(hide_secrets(f"  {column}: {text}\n      {', '.join(rows)}"))


def refuse(notes: Iterable[Note]) -> None:
    """Raises ErrorsFoundError with all of the notes if there are any."""
    lines = "\n".join(f"  {': '.join(filter(None, (note.row, note.column, note.text)))}" for note in notes)
    if lines:
        raise ErrorsFoundError(f"not carried over:\n{lines}", hint="fix the data, or write the spec by hand")

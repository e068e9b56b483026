"""Print the notes of importers, grouped by text, and end the run with exit code 1 if something was not imported."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.cli.terminal import echo
from generator.core.errors import ErrorsFoundError
from generator.core.printable import printable_line
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
        echo(f"\n{title}:")
    for (column, text), rows in grouped.items():
        shown = f"  {printable_line(f'{column}: {text}')}\n      {printable_line(', '.join(rows))}"
        echo(hide_secrets(shown))


def refuse(notes: Iterable[Note]) -> None:
    """Raises ErrorsFoundError with all of the notes if there are any."""
    lines = [printable_line(": ".join(filter(None, (note.row, note.column, note.text)))) for note in notes]
    if lines:
        listed = "".join(f"\n  {line}" for line in lines)
        raise ErrorsFoundError(f"not carried over:{listed}", hint="fix the data, or write the spec by hand")

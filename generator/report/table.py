"""Rows as a text table: columns as wide as their longest cell, and the table no wider than the screen.

Widths are counted in terminal cells; a Chinese character or an emoji takes two. rich counts them, but its own tables
are not used: they take a second for a thousand rows, and omit whole columns on a narrow screen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.printable import printable_line

if TYPE_CHECKING:
    from collections.abc import Sequence

_GAP: Final = "  "
_NARROWEST: Final = 12


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], *, width: int | None = None) -> str:
    """Return headings and rows, an empty cell as a dash.

    With `width`, the widest columns are cut, but not below 12 cells, until the table fits.
    """
    if not rows:
        return "no entries"
    from rich.cells import cell_len

    lines = [list(heads), *([printable_line(cell) or "-" for cell in row] for row in rows)]
    widths = [max(cell_len(line[column]) for line in lines) for column in range(len(heads))]
    while width is not None and sum(widths) + len(_GAP) * (len(widths) - 1) > width and max(widths) > _NARROWEST:
        widths[widths.index(max(widths))] -= 1
    return "\n".join(_GAP.join(map(_fitted, line, widths)).rstrip() for line in lines)


def _fitted(cell: str, width: int) -> str:
    """Return the cell, padded with spaces or cut to `width` terminal cells."""
    from rich.cells import cell_len, set_cell_size

    return set_cell_size(cell, width) if cell_len(cell) <= width else f"{set_cell_size(cell, width - 1)}…"

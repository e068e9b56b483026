"""Colors of findings on a terminal. Source of the switch: https://no-color.org"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from typing import TextIO

_SEVERITIES: Final = {"error": "red", "warning": "yellow", "note": "blue"}
# One line each: `file:line:column: severity: sentence [ID]`, the source line, the line with the caret, the hint.
_HEAD: Final = re.compile(rf"^(\S.*?): ({'|'.join(_SEVERITIES)}): (.*) (\[[A-Z]\d\d\])$", re.MULTILINE)
_CARET: Final = re.compile(r"^( +\| +)\^$", re.MULTILINE)
_HINT: Final = re.compile(r"^  hint: ", re.MULTILINE)


def has_colors(stream: TextIO) -> bool:
    """Whether text for a stream is colored: it is a terminal that knows colors, and NO_COLOR is not set."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def color_findings(text: str) -> str:
    """Return findings as `report/text.py` writes them, with the severity, the caret and the hint in color."""
    text = _HEAD.sub(_head, text)
    text = _CARET.sub(lambda found: found[1] + click.style("^", fg="green", bold=True), text)
    return _HINT.sub(f"  {click.style('hint:', fg='cyan')} ", text)


def _head(found: re.Match[str]) -> str:
    severity = click.style(f"{found[2]}:", fg=_SEVERITIES[found[2]], bold=True)
    return f"{click.style(found[1], bold=True)}: {severity} {found[3]} {click.style(found[4], dim=True)}"

"""Colors of findings on a terminal. Source of the switch: https://no-color.org"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Final

import click

from generator.core.regex import regex

if TYPE_CHECKING:
    from typing import TextIO

_SEVERITIES: Final = {"error": "red", "warning": "yellow", "note": "blue"}
# One line each: `file:line:column: severity: sentence [ID]`, the source line, the line with the caret, the hint.
_HEAD: Final = regex(rf"^(\S.*?): ({'|'.join(_SEVERITIES)}): (.*) (\[[A-Z]\d\d\])$", re.MULTILINE)
_CARET: Final = regex(r"^( +\| +)\^$", re.MULTILINE)
# What shows links of OSC 8, by its own documentation; others may show their characters.
_PROGRAMS: Final = ("ghostty", "iTerm.app", "vscode", "WezTerm")
_TERMINALS: Final = ("alacritty", "foot", "xterm-ghostty", "xterm-kitty")
_VARIABLES: Final = ("DOMTERM", "KITTY_WINDOW_ID", "KONSOLE_VERSION", "WT_SESSION")
_FIRST_VTE: Final = 5000  # 0.50, of GNOME Terminal and others
_HINT: Final = regex(r"^  hint: ", re.MULTILINE)


def has_colors(stream: TextIO) -> bool:
    """Whether text for a stream is colored: it is a terminal that knows colors, and NO_COLOR is not set."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def has_links(stream: TextIO) -> bool:
    """Whether a terminal shows links: one that says so, or whose program is known to do so.

    Others may show the characters of a link as text. tmux and screen may pass it on to one that does not.
    """
    given = os.environ
    if not has_colors(stream) or given.get("TERM", "").startswith(("screen", "tmux")):
        return False
    vte = given.get("VTE_VERSION", "")
    known = given.get("TERM_PROGRAM") in _PROGRAMS or given.get("TERM") in _TERMINALS
    return known or any(given.get(name) for name in _VARIABLES) or (vte.isdecimal() and int(vte) >= _FIRST_VTE)


def color_findings(text: str, documentation: str = "") -> str:
    """Return findings as `report/text.py` writes them, with the severity, the caret and the hint in color.

    With the address of the documentation, each id is a link to its page.
    """
    text = _HEAD.sub(lambda found: _head(found, documentation), text)
    text = _CARET.sub(lambda found: found[1] + click.style("^", fg="green", bold=True), text)
    return _HINT.sub(f"  {click.style('hint:', fg='cyan')} ", text)


def _head(found: re.Match[str], documentation: str) -> str:
    severity = click.style(f"{found[2]}:", fg=_SEVERITIES[found[2]], bold=True)
    id = click.style(found[4], dim=True)
    if documentation:
        from generator.report.manual_pages import page_of

        id = f"\x1b]8;;{page_of(found[4].strip('[]'), documentation)}\x1b\\{id}\x1b]8;;\x1b\\"  # OSC 8, ended by ST
    return f"{click.style(found[1], bold=True)}: {severity} {found[3]} {id}"

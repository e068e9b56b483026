"""Escape the characters of untrusted text that a terminal or an editor obeys instead of showing them.

A name in a spec, a file name, an answer of a server and git's messages may contain escape sequences, which move the
cursor or rewrite earlier lines, and characters that reverse the reading direction (CVE-2021-42574). Each is written as
`\\u001b`, which is also its escape in JSON: so the same function serves text and programs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.regex import regex

if TYPE_CHECKING:
    import re

# Unicode 15.1: C0 and C1 controls, the bidirectional controls of UAX #9, line and paragraph separators, the byte order
# mark, and lone surrogates, which stand for bytes that are not UTF-8 and cannot be encoded.
_OBEYED: Final = "\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff"
_TEXT: Final = regex(f"[{_OBEYED}]")
_LINE: Final = regex(f"[{_OBEYED}\n\t]")
_SHORT: Final = {"\n": "\\n", "\t": "\\t"}


def printable(text: str) -> str:
    """Return the text with escapes; line feeds and tabs are kept."""
    return text if text.isascii() and text.isprintable() else _TEXT.sub(_escape, text)


def printable_line(text: str) -> str:
    """Return the text with escapes, on one line, tabs too: for text that must not start a line or move to a column."""
    return text if text.isascii() and text.isprintable() else _LINE.sub(_escape, text)


def _escape(found: re.Match[str]) -> str:
    return _SHORT.get(found[0]) or f"\\u{ord(found[0]):04x}"

"""Quotes and brackets of a shell text that nothing closes, as bash reads it.

Source: GNU Bash manual, "Quoting" and "Shell Expansions". tests/checks/test_shell_quotes.py compares with bash itself.
A text with a here-document, or with `case` inside `$(…)`, is not examined.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from msgspec import Struct

from generator.core.regex import regex

# What begins inside a text of each kind, by the kind's closing characters; an empty string is the text itself.
_PLAIN: Final = regex(
    r"\\.|(?P<comment>(?:(?<=[\s;&|()<>])(?<!\\[\s;&|()<>])|\A)#[^\n]*)|(?P<document><<(?!<)-?)|(?P<case>\bcase\b)"
    r"|(?P<open>\$'|\$\(\(|\$\(|\$\{|[\"'`(])|(?P<close>[)])",
    re.DOTALL,
)
_IN_QUOTES: Final = regex(r"\\.|(?P<open>\$\(\(|\$\(|\$\{|`)|(?P<close>\")", re.DOTALL)
_IN_BRACES: Final = regex(r"\\.|(?P<open>\$'|\$\(\(|\$\(|\$\{|[\"'`])|(?P<close>\})", re.DOTALL)
_IN_QUOTED_BRACES: Final = regex(r"\\.|(?P<open>\$\(\(|\$\(|\$\{|[\"`])|(?P<close>\})", re.DOTALL)
_IN_SUMS: Final = regex(r"\\.|(?P<open>\$\(\(|\$\(|\$\{|[\"'`(])|(?P<close>[)])", re.DOTALL)
_SINGLE: Final = regex(r"(?P<close>')")
_ANSI: Final = regex(r"\\.|(?P<close>')", re.DOTALL)
_BACKTICK: Final = regex(r"\\.|(?P<close>`)", re.DOTALL)
_INSIDE: Final = {
    "": _PLAIN,
    "(": _PLAIN,
    "$(": _PLAIN,
    "$((": _IN_SUMS,
    "$((+": _IN_SUMS,
    "${": _IN_BRACES,
    '"${': _IN_QUOTED_BRACES,
    '"': _IN_QUOTES,
    "'": _SINGLE,
    "$'": _ANSI,
    "`": _BACKTICK,
}


class OpenQuote(Struct, frozen=True):
    """What begins at the character `at` (from 0) and does not end: a quote, a backtick, `$(` or `${`."""

    begin: str
    at: int


@lru_cache(maxsize=1 << 15)
def find_open_quote(text: str) -> OpenQuote | None:
    """Return the innermost quote or bracket that is open at the end of a text, None if there is none."""
    stack: list[tuple[str, int]] = [("", 0)]
    at = 0
    while match := _INSIDE[stack[-1][0]].search(text, at):
        groups = match.groupdict()
        at = match.end()
        if groups.get("document") or (groups.get("case") and len(stack) > 1):
            return None
        if opened := groups.get("open"):
            stack += _begin(stack[-1][0], opened, match.start())
        elif groups.get("close") and len(stack) > 1:
            stack.pop()
    kind, place = stack[-1]
    return OpenQuote(kind.removesuffix("+").lstrip('"') or '"', place) if kind else None


def _begin(inside: str, opened: str, at: int) -> list[tuple[str, int]]:
    """Return what a text begins: arithmetic ends with two parentheses, and quotes around `${` hold inside it."""
    if opened == "$((":
        return [("$((", at), ("$((+", at)]
    if opened == "(" and inside.startswith("$(("):
        return [("$((+", at)]
    if opened == "${" and inside in ('"', '"${'):
        return [('"${', at)]
    return [(opened, at)]

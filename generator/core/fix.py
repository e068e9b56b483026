"""The machine-readable form of a hint: the text to write in place of the one that was found."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from generator.core.regex import regex

_QUOTES: Final = ("'", '"')
_COLLECTIONS: Final = ("{", "[")
_WRITE: Final = regex(r"write (?P<new>\S.*)\Z")
_MEANT: Final = regex(r'did you mean "(?P<new>[^"]+)"\?\Z')
# A hint with such words says more than what to write.
_PROSE: Final = regex(
    r"[,;:]? (?:or|if|and|with|for|in|at|once|below|above|after|the|a|as|on|it|that) |(?: once|`|…|;)"
)


class Fix(Struct, frozen=True, order=True):
    """Text to replace: `old`, which is at the position of a finding or in the value there, and `new`."""

    old: str
    new: str

    def apply(self, text: str, start: int) -> str | None:
        """Return `text` with the first `old` from the offset `start` on replaced; None if it is not there."""
        found = self.find(text, start)
        return None if found is None else f"{text[: found[0]]}{self.new}{text[found[1] :]}"

    def find(self, text: str, start: int) -> tuple[int, int] | None:
        """Return where the first `old` from the offset `start` on begins and ends; None if it is not there.

        A mapping or a list replaces a string with its quotes, in which it would be a string too; a placeholder such as
        `{service}` keeps them. If `old` starts with spaces, it is the indentation of the line and the key at `start`.
        """
        first = text.rfind("\n", 0, start) + 1 if self.old.startswith(" ") else start
        at = text.find(self.old, first) if self.old else -1
        if at < 0:
            return None
        end = at + len(self.old)
        opens = self.new[:1] in _COLLECTIONS and self.old[:1] not in _COLLECTIONS
        quoted = opens and text[at - 1 : at] in _QUOTES and text[at - 1 : at] == text[end : end + 1]
        return (at - 1, end + 1) if quoted else (at, end)


def fix_of(found: object, hint: str) -> Fix | None:
    """Return the fix that a hint describes: `write X`, or `did you mean "X"?`, in place of what was found.

    None if the hint gives a choice or an explanation, or if no single text was found.
    """
    match = _MEANT.match(hint) or _WRITE.match(hint)
    if match is None or not isinstance(found, str) or not found or "\n" in found or _PROSE.search(hint):
        return None
    return Fix(found, match["new"])

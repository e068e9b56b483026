"""Lines of a spec's text: where they start and end, which ones belong to a key, and how to insert lines.

Positions are character indices.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def line_start(text: str, at: int) -> int:
    """Return the start of the line that contains `at`."""
    return text.rfind("\n", 0, at) + 1


def line_end(text: str, at: int) -> int:
    """Return the end of the line that contains `at`, before its line terminator."""
    end = text.find("\n", at)
    if end < 0:
        return len(text)
    return end - 1 if end > at and text[end - 1] == "\r" else end


def next_line(text: str, at: int) -> int:
    """Return the start of the line after the one that contains `at`; after the last line, the end of the text."""
    return text.find("\n", at) + 1 or len(text)


def column_of(text: str, at: int) -> int:
    """Return the column of `at`: the number of characters before it on its line."""
    return at - line_start(text, at)


def stanza_end(text: str, column: int, end: int) -> int:
    """Return the end of the lines of an entry in `column` whose value ends at `end`.

    Comments below that are further right than `column` belong to the entry.
    """
    stop = at = end if end and text[end - 1] == "\n" else next_line(text, end)
    while at < len(text):
        line = text[at : next_line(text, at)]
        words = line.strip()
        if words and not (words.startswith("#") and len(line) - len(line.lstrip()) > column):
            break
        at += len(line)
        stop = at if words else stop
    return stop


def comments_start(text: str, at: int, column: int) -> int:
    """Return the start of the comments in `column` directly above the line that starts at `at`.

    Comments at the top of the file belong to no key.
    """
    first = at
    while first:
        above = line_start(text, first - 1)
        line = text[above:first]
        if not line.lstrip().startswith("#") or len(line) - len(line.lstrip()) != column:
            return first
        first = above
    return at


def blank_end(text: str, at: int) -> int:
    """Return the end of the blank lines that start at `at`."""
    while at < len(text) and not text[at : next_line(text, at)].strip():
        at = next_line(text, at)
    return at


def with_lines(text: str, at: int, column: int, lines: Iterable[str]) -> str:
    """Return the text with `lines` inserted at `at`, indented by `column`.

    If `at` is not at the start of a line, they start on a new line after it.
    """
    block = [" " * column + line if line else line for line in lines]
    if not block:
        return text
    newline = "\r\n" if "\r\n" in text[: next_line(text, 0)] else "\n"
    joined = newline.join(block)
    open_end = at > 0 and text[at - 1] != "\n"
    return text[:at] + (newline + joined if open_end else joined + newline) + text[at:]


def split_lines(text: str) -> list[str]:
    """Return the lines of a text.

    str.splitlines cannot be used: it also splits at characters that a quoted YAML string may contain, such as U+2028.
    """
    lines = text.replace("\r\n", "\n").split("\n")
    return lines[:-1] if not lines[-1] else lines

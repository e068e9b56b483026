"""The lines of a spec's text: where they start and end, which belong to a key, and how others are put between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def line_start(text: str, at: int) -> int:
    """Where the line that holds `at` starts."""
    return text.rfind("\n", 0, at) + 1


def line_end(text: str, at: int) -> int:
    """Where the line that holds `at` ends, before its line end."""
    end = text.find("\n", at)
    if end < 0:
        return len(text)
    return end - 1 if end > at and text[end - 1] == "\r" else end


def next_line(text: str, at: int) -> int:
    """Where the line behind that of `at` starts; the end of the text behind the last one."""
    return text.find("\n", at) + 1 or len(text)


def column_of(text: str, at: int) -> int:
    """How many characters of its line are before `at`."""
    return at - line_start(text, at)


def stanza_end(text: str, column: int, end: int) -> int:
    """Where the lines end of an entry in `column` whose value ends at `end`: with the comments further right."""
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
    """Where the comments begin that stand in `column` right above the line `at`; a file's head belongs to no key."""
    first = at
    while first:
        above = line_start(text, first - 1)
        line = text[above:first]
        if not line.lstrip().startswith("#") or len(line) - len(line.lstrip()) != column:
            return first
        first = above
    return at


def blank_end(text: str, at: int) -> int:
    """Where the empty lines end that begin at `at`."""
    while at < len(text) and not text[at : next_line(text, at)].strip():
        at = next_line(text, at)
    return at


def with_lines(text: str, at: int, column: int, lines: Iterable[str]) -> str:
    """The text with lines at the start of the line `at`, or behind its end."""
    block = [" " * column + line if line else line for line in lines]
    if not block:
        return text
    newline = "\r\n" if "\r\n" in text[: next_line(text, 0)] else "\n"
    joined = newline.join(block)
    open_end = at > 0 and text[at - 1] != "\n"
    return text[:at] + (newline + joined if open_end else joined + newline) + text[at:]


def split_lines(text: str) -> list[str]:
    """The lines of a text. str.splitlines also splits at signs that a quoted YAML text may hold, as U+2028."""
    lines = text.replace("\r\n", "\n").split("\n")
    return lines[:-1] if not lines[-1] else lines

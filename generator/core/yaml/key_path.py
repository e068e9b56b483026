"""Paths of keys as people write them, `env.TOKEN`, and the part of a file that is at or below one."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from generator.core.finding import Position
    from generator.core.yaml.document import Document, Path, Value


def find_path(data: Value, written: str) -> Path | None:
    """Return the path of keys that are joined by dots, None if there is none. A key may have dots itself."""
    if isinstance(data, list):
        first, _, rest = written.partition(".")
        known = first.isdecimal() and int(first) < len(data)
        return _below(data[int(first)], int(first), rest) if known else None
    if not isinstance(data, dict):
        return None
    keys = (key for key in data if written == key or written.startswith(f"{key}."))
    found = (_below(data[key], key, written[len(key) + 1 :]) for key in sorted(keys, key=len, reverse=True))
    return next((path for path in found if path is not None), None)


def is_within(document: Document, path: Path, position: Position) -> bool:
    """Return whether a position is in the entry at `path`: between the start of its key and the end of its value."""
    start, end = document.key_position(path), document.end(path)
    return (start.line, start.column) <= (position.line, position.column) < (end.line, end.column)


def _below(value: Value, step: str | int, rest: str) -> Path | None:
    if not rest:
        return (step,)
    below = find_path(value, rest)
    return (step, *below) if below is not None else None

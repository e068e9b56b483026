"""The leaves of a spec file, and the same file with another value in one of them."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from generator.core.regex import regex
from generator.core.yaml import EMPTY, read

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.core.finding import Position
    from generator.core.yaml import Document, Path

_NUMBER: Final = regex(r"[0-9]+")
_OPPOSITE: Final = {"true": "false", "false": "true", "yes": "no", "no": "yes", "automatic": "manual"}
_MOST: Final = 4


def spec_leaves(document: Document, path: Path = ()) -> Iterator[Path]:
    """Yield the paths of the scalars at and below a path of a spec file; of empty values and nulls none."""
    value = leaf_value(document, path)
    if isinstance(value, dict):
        for key in value:
            yield from spec_leaves(document, (*path, key))
    elif isinstance(value, list):
        for index in range(len(value)):
            yield from spec_leaves(document, (*path, index))
    elif isinstance(value, str):
        yield path


def leaf_value(document: Document, path: Path) -> Any:
    """Return the value at a path; None if there is none."""
    value: Any = document.data
    for step in path[len(document.prefix) :] if document.prefix else path:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return None
    return None if value is EMPTY else value


def variants(document: Document, path: Path) -> Iterator[tuple[str, str]]:
    """Yield other values for a scalar, and the text of the file with each of them.

    Each number in a value is one more, a word has one more letter, and a boolean is the opposite. Not every result is
    valid: the caller has to resolve it.
    """
    value = leaf_value(document, path)
    for other in dict.fromkeys(_others(value)) if isinstance(value, str) else ():
        text = with_value(document, path, other)
        found = read(text.encode(), document.file)[0]
        if found is not None and leaf_value(found, path[len(document.prefix) :]) == other:
            yield other, text


def with_value(document: Document, path: Path, value: str) -> str:
    """Return the text of a file with another scalar at a path, which has one. Only that text differs."""
    text = document.text
    first, last = _offset(text, document.position(path)), _offset(text, document.end(path))
    old = text[first:last]
    is_plain = old == leaf_value(document, path) and "\n" not in value
    broken = old[len(old.rstrip()) :]  # a block scalar ends with its line break
    return text[:first] + (value if is_plain else json.dumps(value, ensure_ascii=False)) + broken + text[last:]


def _offset(text: str, at: Position) -> int:
    lines = text.split("\n")
    return sum(len(line) + 1 for line in lines[: at.line - 1]) + at.column - 1


def _others(value: str) -> Iterator[str]:
    if value.lower() in _OPPOSITE:
        yield _OPPOSITE[value.lower()]
        return
    for number in [*_NUMBER.finditer(value)][:_MOST]:
        yield f"{value[: number.start()]}{int(number[0]) + 1:0{len(number[0])}d}{value[number.end() :]}"
    words = re.search(r"[A-Za-z]+(?=[^A-Za-z]*\Z)", value)
    if words:
        yield f"{value[: words.end()]}x{value[words.end() :]}"
    yield f"{value}x"

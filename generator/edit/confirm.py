"""Confirm an edit of a spec file with a second, independent reader before the file is written.

An edit changes text, and the reader that finds the positions for it also reads the result back, so a bug in that reader
would stay unnoticed. Therefore ruamel.yaml reads the old and the new text too. Only the edited key may differ, and
every comment that does not belong to a replaced or removed value must still be present.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.core.yaml import EMPTY
from generator.edit.data_edit import has

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from generator.core.yaml.second_reader import Comment, Reading, Written, WrittenEntry

    Keys = tuple[str, ...]

_NOTHING: Final = object()


def objection(before: bytes, after: bytes, path: Keys, wanted: Any) -> str | None:
    """Return why an edit is not confirmed, or None if it is confirmed.

    `before` and `after` are the contents of the file, `path` is the key that was set or removed, and `wanted` is the
    expected data of the result.
    """
    from generator.core.yaml.second_reader import SecondReaderError, read_again

    text = _even(before)
    try:
        old, new = read_again(text), read_again(_even(after))
    except SecondReaderError as error:
        return f"ruamel.yaml, which checks each edit, cannot read it: {error}"
    if _outside(old.root.value, path) != _outside(new.root.value, path):
        return "ruamel.yaml reports that the edit would change another key"
    if new.root.value != wanted:
        return "ruamel.yaml reports that the edit would write another value"
    stay = _staying(old, text, path, removal=not has(wanted, path))
    lost = _first_missing(stay, (comment.text for comment in new.comments))
    return f"the edit would lose the comment {lost.text!r} on line {lost.line + 1}" if lost is not None else None


def _even(raw: bytes) -> str:
    """Return the text without a byte order mark and with LF line ends."""
    return raw.decode("utf-8").removeprefix("\ufeff").replace("\r\n", "\n")


def _outside(data: Any, path: Keys) -> Any:
    """Return the data without the key at `path`, in a form whose comparison includes the order of keys.

    A parent whose only key is the edited one, an empty parent and a missing parent are equal, since edits create
    parents and empty them.
    """
    if not path or data in (None, EMPTY, {}):
        return _NOTHING
    if not isinstance(data, dict):
        return _ordered(data)
    inner = {key: _outside(value, path[1:]) if key == path[0] else _ordered(value) for key, value in data.items()}
    return tuple(item for item in inner.items() if item[1] is not _NOTHING) or _NOTHING


def _ordered(data: Any) -> Any:
    if isinstance(data, dict):
        return "mapping", tuple((key, _ordered(value)) for key, value in data.items())
    return ("list", tuple(map(_ordered, data))) if isinstance(data, list) else data


def _staying(old: Reading, text: str, path: Keys, *, removal: bool) -> list[Comment]:
    """Return the comments that the edit must keep: all comments if it adds a key."""
    found = _entries(old.root, path)
    if len(found) < len(path):
        return list(old.comments)
    holder = found[-2].value if len(found) > 1 else old.root
    return [
        comment
        for comment in old.comments
        if not (_removed(comment, found[-1], holder, text) if removal else _replaced(comment, found[-1]))
    ]


def _entries(root: Written, path: Keys) -> list[WrittenEntry]:
    """Return the entries along `path`, up to the last one that the file contains."""
    found: list[WrittenEntry] = []
    for name in path:
        entry = next((entry for entry in (found[-1].value if found else root).entries if entry.name == name), None)
        if entry is None:
            break
        found.append(entry)
    return found


def _removed(comment: Comment, entry: WrittenEntry, holder: Written, text: str) -> bool:
    """Whether a comment is removed with an entry: inside it, on its last line, or below it and further right."""
    value = entry.value
    if not entry.start <= comment.start < value.next:
        return False
    behind = "\n" not in text[value.end : comment.start] and not text[: value.end].endswith("\n")
    return comment.start < value.end or behind or (not holder.flow and comment.column > entry.column)


def _replaced(comment: Comment, entry: WrittenEntry) -> bool:
    """Whether a comment is replaced with a value.

    A comment inside the value is. For a value on lines of its own, so are comments below it that are further right than
    the key.
    """
    value = entry.value
    if not value.lines:
        return value.start <= comment.start < value.end
    below = comment.line > entry.line and entry.start <= comment.start < value.next
    return below and (comment.start < value.end or comment.column > entry.column)


def _first_missing(stay: Iterable[Comment], there: Iterator[str]) -> Comment | None:
    """Return the first comment of `stay` that does not appear in `there` in the same order, or None."""
    return next((comment for comment in stay if comment.text not in there), None)

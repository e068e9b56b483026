"""Three-way merge of one file: the merged content, or the conflicts.

A spec is a tree of mappings, so changes of different keys never conflict, even on the same lines: two pipelines that
each add a version at the end of one registry file touch the same lines. The data therefore decides, key by key, *what*
the result contains, and the text only *how* it is written. If both sides only added lines, all of them are kept; else
the result of `git merge-file` is preferred, because it keeps the comments and the layout of both sides. If it has a
conflict or other data, the local changes are applied to the remote text as edits. If both sides changed one value of
several lines (a list or a text block), or the file is not a spec, only the text is merged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from generator.core import yaml as yamlio
from generator.core.yaml import EMPTY
from generator.edit.yaml_edit import NotEditableError, copy, remove
from generator.spec.files import SpecPath, is_spec, spec_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from generator.core.finding import Position
    from generator.core.yaml import Document

    Keys = tuple[str, ...]
    # From base, ours and theirs to the merged text; None if lines conflict.
    MergeText = Callable[[bytes, bytes, bytes], bytes | None]

_GONE: Final = object()


class Conflict(Struct, frozen=True):
    """A key or file that both sides changed.

    `what` describes it. `ours` and `theirs` are the position of the key on each side, or of the file if that side does
    not have the key; both are None for a conflict of files or lines.
    """

    what: str
    ours: Position | None
    theirs: Position | None


_SAME_LINES: Final = Conflict("the same lines", None, None)


class _KeyEdit(Struct, frozen=True):
    """A key that the local side set, or removed if `value` is _GONE."""

    path: Keys
    value: Any


class _ValueClash(Struct, frozen=True):
    """A value that both sides changed. `in_lines`: it is a list or a multi-line string in base, ours and theirs."""

    path: Keys
    in_lines: bool


class _SpecSides(Struct, frozen=True):
    base: Any
    ours: Document
    theirs: Document


def merge_three_way(
    file: str, base: bytes | None, ours: bytes | None, theirs: bytes | None, merge_text: MergeText
) -> bytes | list[Conflict] | None:
    """Return the file with the changes of both sides since `base`, or the conflicts; None if the file is removed.

    `ours` is the local and `theirs` the remote content; None for a side without the file.
    """
    if ours == theirs or theirs == base:
        return ours
    if ours == base:
        return theirs
    if ours is None or theirs is None:
        what = "removed locally and changed remotely" if ours is None else "changed locally and removed remotely"
        return [Conflict(what, None, None)]
    sides = _sides(file, base, ours, theirs)
    if sides is None:
        lines = merge_text(base, ours, theirs) if base is not None else None
        return lines if lines is not None else [_SAME_LINES]
    return _merge_spec(file, (base, ours, theirs), sides, merge_text)


def _merge_spec(
    file: str, texts: tuple[bytes | None, bytes, bytes], sides: _SpecSides, merge_text: MergeText
) -> bytes | list[Conflict]:
    base, ours, theirs = texts
    steps = list(_steps((), sides.base, sides.ours.data, sides.theirs.data))
    clashes = [step for step in steps if isinstance(step, _ValueClash)]
    if base is not None:
        for lines in _line_merges(base, ours, theirs, merge_text, adds=bool(steps) and not clashes):
            if lines is not None and _says(file, lines, sides.theirs.data, steps):
                return lines
    if clashes:
        return [Conflict(_name(c.path), _at(sides.ours, c.path), _at(sides.theirs, c.path)) for c in clashes]
    edited = _edited(file, ours, theirs, steps)
    if edited is not None and _keeps_comments(base or b"", ours, edited):
        return edited
    return [_SAME_LINES]


def _line_merges(
    base: bytes, ours: bytes, theirs: bytes, merge_text: MergeText, *, adds: bool
) -> Iterator[bytes | None]:
    """Yield the merges of lines, first with `adds` that of lines which were only added: it takes no process."""
    if adds:
        yield _with_added_lines(base, ours, theirs)
    yield merge_text(base, ours, theirs)


def _sides(file: str, base: bytes | None, ours: bytes, theirs: bytes) -> _SpecSides | None:
    """Return the data of the three texts; None if one of them is not a readable spec."""
    first = _read(file, base) if base is not None else None
    mine, other = _read(file, ours), _read(file, theirs)
    if mine is None or other is None or (base is not None and first is None):
        return None
    return _SpecSides(first.data if first is not None else _empty(file), mine, other)


def _steps(path: Keys, base: Any, ours: Any, theirs: Any) -> Iterator[_KeyEdit | _ValueClash]:
    """Yield the local changes that the remote side lacks, and the clashes, in the order of the local file."""
    if ours in (base, theirs):
        return
    if isinstance(ours, dict) and isinstance(theirs, dict) and (isinstance(base, dict) or base is EMPTY):
        before = base if isinstance(base, dict) else {}
        for key in dict.fromkeys((*ours, *before)):
            yield from _steps((*path, key), *(side.get(key, _GONE) for side in (before, ours, theirs)))
    elif theirs == base and path:
        yield _KeyEdit(path, ours)
    else:
        yield _ValueClash(path, all(_of_lines(side) for side in (base, ours, theirs)))


def _of_lines(value: Any) -> bool:
    return isinstance(value, list) or (isinstance(value, str) and "\n" in value)


def _says(file: str, lines: bytes, theirs: Any, steps: list[_KeyEdit | _ValueClash]) -> bool:
    """Whether a merged text has the data that both sides intend. Only multi-line values may be merged line by line."""
    document = _read(file, lines)
    if document is None:
        return False
    wanted = theirs
    for step in steps:
        if isinstance(step, _ValueClash) and not step.in_lines:
            return False
        value = step.value if isinstance(step, _KeyEdit) else _value(document.data, step.path)
        wanted = _with(wanted, step.path, value)
    return bool(document.data == wanted)


def _with_added_lines(base: bytes, ours: bytes, theirs: bytes) -> bytes | None:
    """Return the base with the lines that both sides added, those of `theirs` first; None if a side changed others.

    No line of a side is lost, and no edit is made that would have to be confirmed (confirm.py).
    """
    lines = base.splitlines(keepends=True)
    first, second = _added_lines(lines, theirs), _added_lines(lines, ours)
    if first is None or second is None:
        return None
    parts = zip(first, second, [*lines, b""], strict=True)
    return b"".join(b"".join((*one, *other, line)) for one, other, line in parts)


def _added_lines(base: list[bytes], side: bytes) -> list[list[bytes]] | None:
    """Return the lines that a side added before each line of the base and at its end; None if it lacks one of them.

    None as well if its last line has no end, so that no other line can follow it.
    """
    added: list[list[bytes]] = [[]]
    for line in side.splitlines(keepends=True):
        if len(added) <= len(base) and line == base[len(added) - 1]:
            added.append([])
        else:
            added[-1].append(line)
    return added if len(added) == len(base) + 1 and side.endswith(b"\n") else None


def _edited(file: str, ours: bytes, text: bytes, steps: list[_KeyEdit | _ValueClash]) -> bytes | None:
    """Return the remote `text` with the local edits; None if its form does not allow one of them."""
    try:
        for edit in steps:
            if isinstance(edit, _KeyEdit):
                gone = edit.value is _GONE
                text = remove(text, file, edit.path) if gone else copy(text, file, edit.path, ours)
    except NotEditableError:
        return None
    return text


def _keeps_comments(base: bytes, ours: bytes, merged: bytes) -> bool:
    """Whether the result has each new line of the local side that holds a comment: edits of values lose comments."""
    new = {line.strip() for line in ours.splitlines()} - {line.strip() for line in base.splitlines()}
    return {line for line in new if b"#" in line} <= {line.strip() for line in merged.splitlines()}


def _with(data: Any, path: Keys, value: Any) -> Any:
    """Return the data with `value` at `path`, or without the key if `value` is _GONE; its parents must exist."""
    if not path:
        return value
    if len(path) == 1 and value is _GONE:
        return {key: inner for key, inner in data.items() if key != path[0]}
    return {**data, path[0]: _with(data.get(path[0]), path[1:], value)}


def _value(data: Any, path: Keys) -> Any:
    for key in path:
        data = data.get(key, _GONE) if isinstance(data, dict) else _GONE
    return data


def _empty(file: str) -> Any:
    """Return the base data of a file that both sides created.

    A registry file is merged version by version, starting with none; any other spec is one value.
    """
    where = spec_path(file)
    return {"versions": {}} if isinstance(where, SpecPath) and where.kind == "model" else _GONE


def _read(file: str, text: bytes) -> Document | None:
    """Return the parsed file, or None if it is not a spec or has any finding."""
    if not is_spec(file):
        return None
    document, findings = yamlio.read(text, file)
    return document if not findings else None


def _name(path: Keys) -> str:
    return ".".join(path) or "the whole file"


def _at(document: Document, path: Keys) -> Position | None:
    there = path and _value(document.data, path) is not _GONE
    return document.key_position(path) if there else document.position()

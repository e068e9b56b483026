"""Two changes of one file brought together, or the places where they contradict each other.

A spec is a tree of mappings, so two changes of different keys go together, wherever their lines stand: two pipelines
that each add a version at the end of one registry file touch the same lines. So the data decides *what* the result
says, key by key, and the text only *how* it is written: first as `git merge-file` writes it, which keeps the comments
and the layout of both sides; where that is a conflict, or says something else, as an edit of their text. Text alone
decides where one value is many lines: in a list, in a text block, in a file that is no spec.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from generator.core import yaml as yamlio
from generator.core.yaml import EMPTY
from generator.edit.yaml_edit import NotEditableError, copy, remove
from generator.spec.files import SpecPath, is_spec, spec_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from generator.core.finding import Position
    from generator.core.yaml import Document

    Keys = tuple[str, ...]
    # Base, ours, theirs to their merged text; None where lines contradict each other.
    MergeText = Callable[[bytes, bytes, bytes], bytes | None]

_GONE: Final = object()


@dataclass(frozen=True, slots=True)
class Conflict:
    """One place that both sides changed: what it is, and where a key stands on each side that still has it."""

    what: str
    ours: Position | None
    theirs: Position | None


@dataclass(frozen=True, slots=True)
class _KeyEdit:
    """A key that we set, or with _GONE removed."""

    path: Keys
    value: Any


@dataclass(frozen=True, slots=True)
class _ValueClash:
    """A value that both sides changed; it may be many lines on all of them."""

    path: Keys
    in_lines: bool


@dataclass(frozen=True, slots=True)
class _SpecSides:
    base: Any
    ours: Document
    theirs: Document


def merge_three_way(
    file: str, base: bytes | None, ours: bytes | None, theirs: bytes | None, merge_text: MergeText
) -> bytes | list[Conflict] | None:
    """The file with what both sides did to it since `base`; None: there is no such file."""
    if ours == theirs or theirs == base:
        return ours
    if ours == base:
        return theirs
    if ours is None or theirs is None:
        what = "removed here and changed there" if ours is None else "changed here and removed there"
        return [Conflict(what, None, None)]
    lines = merge_text(base, ours, theirs) if base is not None else None
    sides = _sides(file, base, ours, theirs)
    if sides is None:
        return lines if lines is not None else [Conflict("the same lines", None, None)]
    steps = list(_steps((), sides.base, sides.ours.data, sides.theirs.data))
    if lines is not None and _says(file, lines, sides.theirs.data, steps):
        return lines
    clashes = [step for step in steps if isinstance(step, _ValueClash)]
    if clashes:
        return [Conflict(_name(c.path), _at(sides.ours, c.path), _at(sides.theirs, c.path)) for c in clashes]
    edited = _edited(file, ours, theirs, steps)
    if edited is not None and _keeps_comments(base or b"", ours, edited):
        return edited
    return [Conflict("the same lines", None, None)]


def _sides(file: str, base: bytes | None, ours: bytes, theirs: bytes) -> _SpecSides | None:
    """What the three texts say; None where one is no spec that can be read."""
    first = _read(file, base) if base is not None else None
    mine, other = _read(file, ours), _read(file, theirs)
    if mine is None or other is None or (base is not None and first is None):
        return None
    return _SpecSides(first.data if first is not None else _empty(file), mine, other)


def _steps(path: Keys, base: Any, ours: Any, theirs: Any) -> Iterator[_KeyEdit | _ValueClash]:
    """What we did that they did not, and what both did differently; in the order of our file."""
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
    """Whether a text says what both sides mean. Only a value of many lines may be merged line by line."""
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


def _edited(file: str, ours: bytes, text: bytes, steps: list[_KeyEdit | _ValueClash]) -> bytes | None:
    """Their text with our edits, None where its form does not allow one of them."""
    try:
        for edit in steps:
            if isinstance(edit, _KeyEdit):
                gone = edit.value is _GONE
                text = remove(text, file, edit.path) if gone else copy(text, file, edit.path, ours)
    except NotEditableError:
        return None
    return text


def _keeps_comments(base: bytes, ours: bytes, merged: bytes) -> bool:
    """Whether each line with a comment that is new on our side is in the result: an edit of a value has none."""
    new = {line.strip() for line in ours.splitlines()} - {line.strip() for line in base.splitlines()}
    return {line for line in new if b"#" in line} <= {line.strip() for line in merged.splitlines()}


def _with(data: Any, path: Keys, value: Any) -> Any:
    """The data with another value at `path`, whose parents are there."""
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
    """What a file said before both sides made it: a registry file had no versions, any other spec is one thing."""
    where = spec_path(file)
    return {"versions": {}} if isinstance(where, SpecPath) and where.kind == "model" else _GONE


def _read(file: str, text: bytes) -> Document | None:
    """The file's data, where it is a spec that can be read without any complaint."""
    if not is_spec(file):
        return None
    document, findings = yamlio.read(text, file)
    return document if not findings else None


def _name(path: Keys) -> str:
    return ".".join(path) or "the whole file"


def _at(document: Document, path: Keys) -> Position | None:
    there = path and _value(document.data, path) is not _GONE
    return document.key_position(path) if there else document.position()

"""Edit a spec file that a user wrote: set or remove one key and keep every other byte.

A round trip through a YAML library changes indentation, line wrapping or quotes somewhere. An edit therefore replaces
the text between two positions that the parser reports, and reads the result back. Unless the result has exactly the
intended data and a second reader confirms it (confirm.py), the edit is refused.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from generator.core.errors import UsageError
from generator.core.regex import regex
from generator.core.yaml import EMPTY, dump_spec, flow_spec, read
from generator.core.yaml.layout import layout
from generator.edit.confirm import objection
from generator.edit.data_edit import has, nest, plain, value_at, with_value, without
from generator.edit.text_lines import (
    blank_end,
    column_of,
    comments_start,
    line_end,
    line_start,
    next_line,
    split_lines,
    stanza_end,
    with_lines,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from generator.core.yaml.layout import KeyLayout, ValueLayout

    Keys = tuple[str, ...]

_MARK: Final = "\ufeff"
_COLON: Final = regex(r"\s*:")
_COMMENT: Final = regex(r"[ \t]+#.*")
# What may follow an entry in braces on its line: the comma, then a comment.
_REST: Final = regex(r"[ \t]*,?(?:[ \t]*#[^\r\n]*)?")


class NotEditableError(UsageError):
    """The file has a form in which the key cannot be edited without other changes; `by_hand` says what to write."""

    def __init__(self, file: str, path: Keys, reason: str, by_hand: str = "") -> None:
        self.file, self.path, self.reason = file, path, reason
        key = ".".join(path)
        super().__init__(f"{file}: {key} cannot be edited here: {reason}", hint=by_hand or f"change {key} by hand")


def put(raw: bytes, file: str, path: Keys, value: object, *, before: str | None = None) -> bytes:
    """Return the file with `value` at `path`: an existing value is replaced, otherwise the key is added.

    Missing parents are created, also in place of an empty value or a written null. A new key is added at the end of its
    mapping, or before the key `before` if the mapping has that key. Values are strings, numbers, EMPTY, None (a written
    null), lists and mappings. Raises NotEditableError when the form of the file does not allow the edit.
    """
    value = plain(value)
    by_hand = _by_hand(path, value)
    text, data = _opened(raw, file, path)
    wanted = with_value(data, path, value)
    if wanted is data:
        raise NotEditableError(file, path, "a parent value is not a mapping", by_hand)
    if wanted == data:
        return raw
    return _edited(raw, file, path, wanted, _puts(text, path, value, before), by_hand)


def copy(raw: bytes, file: str, path: Keys, source: bytes) -> bytes:
    """Return the file with the key at `path` copied from the spec `source`.

    A new key is copied with its lines and comments, and is placed before the key that follows it in `source`. If its
    lines do not fit, or the file already has the key, only the value is copied, as `put` writes it. Raises
    NotEditableError as `put` does.
    """
    written, there = _opened(source, file, path)
    value = value_at(there, path)
    text, data = _opened(raw, file, path)
    wanted = with_value(data, path, value)
    before = _follower(layout(written), layout(text), path)
    candidates = chain(_copies(text, written, path, before), _puts(text, path, value, before))
    return raw if wanted == data else _edited(raw, file, path, wanted, candidates, _by_hand(path, value))


def remove(raw: bytes, file: str, path: Keys) -> bytes:
    """Return the file without the key at `path`; unchanged if it has no such key.

    Lines below the key that are further right are removed with it, comments included. Comments above it and at its own
    indentation are kept. A block mapping that loses its only key becomes an empty value, one in braces becomes `{}`.
    Raises NotEditableError when the form of the file does not allow the edit.
    """
    text, data = _opened(raw, file, path)
    nodes = _nodes(layout(text), path)
    if len(nodes) <= len(path):
        if with_value(data, path, EMPTY) is data or not has(data, path):
            return raw
        raise NotEditableError(file, path, "it is inside an anchor that an alias refers to")
    holder, entry = nodes[-2], nodes[-2].entry(path[-1])
    assert entry is not None
    wanted = without(data, path, {} if holder.flow else EMPTY)
    return _edited(raw, file, path, wanted, _removals(text, holder, entry), f"remove {'.'.join(path)} by hand")


def _opened(raw: bytes, file: str, path: Keys) -> tuple[str, Any]:
    """Return the text without a byte order mark, and its data. Raises NotEditableError when it cannot be read."""
    document, findings = read(raw, file)
    if document is None:
        raise NotEditableError(
            file, path, f"it cannot be read: {findings[0].message}", "`servegen validate` reports the errors"
        )
    return raw.decode("utf-8").removeprefix(_MARK), document.data


def _edited(raw: bytes, file: str, path: Keys, wanted: Any, candidates: Iterable[str], by_hand: str) -> bytes:
    """Return the first candidate that reads back as `wanted` and that the second reader confirms.

    Raises NotEditableError when there is none.
    """
    mark = _MARK if raw.startswith(_MARK.encode()) else ""
    reason = "no edit of its own lines gives the wanted value, because of an anchor, an alias or a block scalar"
    for text in candidates:
        edited = (mark + text).encode("utf-8")
        document, _ = read(edited, file)
        if document is None or document.data != wanted:
            continue
        objected = objection(raw, edited, path, wanted)
        if objected is None:
            return edited
        reason = objected
    raise NotEditableError(file, path, reason, by_hand)


def _by_hand(path: Keys, value: object) -> str:
    line = flow_spec({path[-1]: value})[1:-1].rstrip()
    return f"write {line} under {'.'.join(path[:-1])} by hand" if path[1:] else f"write {line} by hand"


# The functions below yield candidates for the edited text; the first that is confirmed is used.


def _nodes(root: ValueLayout, path: Keys) -> list[ValueLayout]:
    """Return the root and the values along `path`, up to the last one that the file contains."""
    nodes = [root]
    for key in path:
        entry = nodes[-1].entry(key)
        if entry is None:
            break
        nodes.append(entry.value)
    return nodes


def _puts(text: str, path: Keys, value: object, before: str | None) -> Iterator[str]:
    root = layout(text)
    nodes = _nodes(root, path)
    depth = len(nodes) - 1
    rest, node = path[depth:], nodes[-1]
    if rest and (node.entries or depth == 0):
        insert = _flow_inserts if node.flow else _block_inserts
        yield from insert(text, root, node, {rest[0]: nest(rest[1:], value)}, before)
        return
    entry = nodes[depth - 1].entry(path[depth - 1])
    assert entry is not None
    replace = _flow_replaces if nodes[depth - 1].flow else _block_replaces
    yield from replace(text, root, entry, nest(rest, value))
    if rest and node.flow:  # empty braces that hold a comment
        yield from _flow_inserts(text, root, node, {rest[0]: nest(rest[1:], value)}, before)


def _follower(written: ValueLayout, root: ValueLayout, path: Keys) -> str | None:
    """Return the first key after `path` in the text of `written` that the text of `root` has too, or None."""
    holders = [nodes[-1] for nodes in (_nodes(written, path[:-1]), _nodes(root, path[:-1]))]
    keys = [entry.key for entry in holders[0].entries or ()]
    later = keys[keys.index(path[-1]) + 1 :] if path[-1] in keys else ()
    return next((key for key in later if holders[1].entry(key)), None)


def _copies(text: str, written: str, path: Keys, before: str | None) -> Iterator[str]:
    """Yield the text with the key's lines from `written`, and the comments above it that the text does not have yet."""
    target, source = _nodes(layout(text), path), _nodes(layout(written), path)
    if len(target) != len(path) or len(source) != len(path) + 1:
        return
    holder, entry = target[-1], source[-2].entry(path[-1])
    if entry is None or source[-2].flow or holder.flow or not holder.entries:
        return
    column = column_of(written, entry.start)
    start = comments_start(written, line_start(written, entry.start), column)
    stop = stanza_end(written, column, max(entry.end, entry.value.end))
    here = set(split_lines(text))
    above = [line for line in split_lines(written[start : line_start(written, entry.start)]) if line not in here]
    lines = [*above, *split_lines(written[line_start(written, entry.start) : stop])]
    yield from _placed(text, holder, [line[column:] for line in lines], before)


def _flow_inserts(
    text: str, root: ValueLayout, node: ValueLayout, keys: dict[str, Any], before: str | None
) -> Iterator[str]:
    del root
    new, entries = flow_spec(keys)[1:-1], node.entries
    if not entries:
        at = text.index("{", node.start) + 1
        yield text[:at] + new + text[at:]
        return
    if before is not None and (entry := node.entry(before)) is not None:
        yield f"{text[: entry.start]}{new}, {text[entry.start :]}"
    at = max(entries[-1].end, entries[-1].value.end)
    yield f"{text[:at]}, {new}{text[at:]}"


def _block_inserts(
    text: str, root: ValueLayout, node: ValueLayout, keys: dict[str, Any], before: str | None
) -> Iterator[str]:
    yield from _placed(text, node, split_lines(dump_spec(keys, indent=_step(text, root))), before)


def _placed(text: str, node: ValueLayout, lines: list[str], before: str | None) -> Iterator[str]:
    """Yield the text with the lines of a new key in the mapping `node`."""
    entries = node.entries or ()
    column = column_of(text, entries[0].start)
    if before is not None and (entry := node.entry(before)) is not None:
        above = comments_start(text, line_start(text, entry.start), column)
        yield with_lines(text, above, column, lines)
        yield with_lines(text, line_start(text, entry.start), column, lines)
    for end in (entries[-1].value.end, entries[-1].value.reach):
        yield with_lines(text, stanza_end(text, column, end), column, lines)
    # A text block at the end of a file without a final line end would gain one, so the key is put first instead.
    yield with_lines(text, line_start(text, entries[0].start), column, lines)


def _flow_replaces(text: str, root: ValueLayout, entry: KeyLayout, value: object) -> Iterator[str]:
    del root
    new = flow_spec(value)
    for colon in ("", " ", ": "):
        yield text[: entry.value.start] + colon + new + text[entry.value.end :]


def _block_replaces(text: str, root: ValueLayout, entry: KeyLayout, value: object) -> Iterator[str]:
    """Yield the text with the new value after the colon, then the comment of that line, then the value's own lines."""
    found = _COLON.match(text, entry.end)
    if found is None:
        return
    colon, old, column = found.end(), entry.value, column_of(text, entry.start)
    first, *lines = split_lines(dump_spec({"k": value}, indent=_step(text, root)))
    for end in (old.end, old.reach):
        stop = stanza_end(text, column, end)
        row = line_end(text, colon if old.lines else old.end)
        comment = _COMMENT.search(text, colon, row) if old.lines else None
        tail = (comment[0] if comment else "") if old.lines else text[old.end : row]
        kept = text[row : min(next_line(text, row), stop)] if old.lines else text[row:stop]
        head = text[:colon] + first[2:] + tail + kept
        yield with_lines(head + text[stop:], len(head), column, lines)
        # Comments that are kept would become part of a text block, so the string is quoted instead.
        yield f"{text[:colon]} {flow_spec(value)}{tail}{kept}{text[stop:]}"


def _removals(text: str, holder: ValueLayout, entry: KeyLayout) -> Iterator[str]:
    if holder.flow:
        yield from _flow_removals(text, holder, entry)
        return
    column = column_of(text, entry.start)
    start = line_start(text, entry.start)
    if text[start : entry.start].strip():
        return
    for end in (entry.value.end, entry.value.reach):
        stop = stanza_end(text, column, max(end, entry.end))
        yield text[:start] + text[stop:]
        # After a text block that keeps its last line ends, empty lines would become part of it: remove them too.
        yield text[:start] + text[blank_end(text, stop) :]


def _flow_removals(text: str, holder: ValueLayout, entry: KeyLayout) -> Iterator[str]:
    entries = holder.entries or ()
    at = entries.index(entry)
    start, stop = entry.start, max(entry.end, entry.value.end)
    if at + 1 < len(entries):
        yield text[:start] + text[entries[at + 1].start :]
    else:
        last = entries[at - 1]
        yield text[: max(last.end, last.value.end) if at else start] + text[stop:]
    # If there are comments of other keys in between, only the rest of the key's own line is removed.
    rest = _REST.match(text, stop)
    assert rest is not None
    alone = not text[line_start(text, start) : start].strip() and rest.end() == line_end(text, stop)
    yield (
        text[: line_start(text, start)] + text[next_line(text, stop) :] if alone else text[:start] + text[rest.end() :]
    )


def _step(text: str, node: ValueLayout) -> int:
    """Return the indentation step of the file: that of its first nested mapping, at least 2."""
    for entry in node.entries or ():
        if entry.value.lines and entry.value.entries:
            return max(column_of(text, entry.value.entries[0].start) - column_of(text, entry.start), 2)
    return 2

"""A second, independent reader of spec files: ruamel.yaml, which reads YAML 1.2 and keeps comments.

The first reader (reader.py) is libyaml. An edit of a user's file is written only if both readers agree on it
(generator/edit/confirm.py). This is the only module that imports ruamel.yaml; it is imported at the first edit, so that
other commands do not pay for it.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.scanner import RoundTripScanner

from generator.core.yaml.document import EMPTY, NULLS, Value

_LINE_ENDS: Final = "\0\r\n\x85\u2028\u2029"
# ruamel.yaml inserts this character where a folded string may be folded again; a file cannot contain it.
_FOLD: Final = "\a"


class SecondReaderError(ValueError):
    """The second reader cannot read a text; the message gives the reason."""


class Written(Struct, frozen=True):
    """A value, the offsets `start` and `end` of its characters, and `next`, the offset at which more content begins.

    `entries` are those of a mapping, in the order of the file. `lines`: a collection or text block in lines of its own;
    `flow`: a collection in brackets.
    """

    value: Value
    start: int
    end: int
    next: int
    lines: bool = False
    flow: bool = False
    entries: tuple[WrittenEntry, ...] = ()


class WrittenEntry(Struct, frozen=True):
    """One key of a mapping: its name, where it starts, and its value."""

    name: str
    start: int
    line: int
    column: int
    value: Written


class Comment(Struct, frozen=True):
    """A comment from its `#` to the end of the line; `start`, `line` and `column` are those of the `#`."""

    text: str
    start: int
    line: int
    column: int


class Reading(Struct, frozen=True):
    """The value in a text, and the text's comments in order."""

    root: Written
    comments: tuple[Comment, ...]


@lru_cache(maxsize=8)
def read_again(text: str) -> Reading:
    """Read a text that has no byte order mark and no carriage returns. Raises SecondReaderError.

    Plain scalars stay strings, as in the first reader; a null and an empty value differ. The last readings are cached:
    in a chain of edits, the result of one is the start of the next.
    """
    yaml = YAML(typ="rt")
    yaml.Scanner = _Scanner
    try:
        events = list(yaml.parse(text))
    except (YAMLError, NotImplementedError) as error:
        raise SecondReaderError(" ".join(str(error).split())) from None
    return Reading(_WrittenBuilder(events).document(), tuple(yaml.scanner.found))


class _Scanner(RoundTripScanner):
    """ruamel.yaml's scanner, extended to record each comment.

    It accepts tabs between the tokens and the words of a line, as YAML 1.2 does; ruamel.yaml accepts spaces only.
    """

    def __init__(self, loader: Any = None) -> None:
        super().__init__(loader)
        self.found: list[Comment] = []

    def scan_to_next_token(self) -> Any:
        if self.reader.column:
            self._skip_blanks()
        scanned = super().scan_to_next_token()
        if scanned is not None and scanned[0].startswith("#"):
            self._note(scanned[0], scanned[1])
        return scanned

    def scan_block_scalar_indicators(self, start_mark: Any) -> Any:
        del start_mark
        keep = increment = None
        while (sign := self.reader.peek()) in "+-123456789":
            if sign in "+-":
                keep = sign == "+"
            else:
                increment = int(sign)
            self.reader.forward()
        self._skip_blanks()
        return keep, increment

    def scan_block_scalar_ignored_line(self, start_mark: Any) -> Any:
        mark = self.reader.get_mark()
        comment = super().scan_block_scalar_ignored_line(start_mark)
        if comment:
            self._note(comment.lstrip(), mark)
        return comment

    def scan_plain_spaces(self, indent: Any, start_mark: Any) -> Any:
        blanks = self._blanks()
        if "\t" not in blanks:
            return super().scan_plain_spaces(indent, start_mark)
        self.reader.forward(len(blanks))
        return super().scan_plain_spaces(indent, start_mark) if self.reader.peek() in _LINE_ENDS else [blanks]

    def _blanks(self) -> str:
        length = 0
        while self.reader.peek(length) in " \t":
            length += 1
        return str(self.reader.prefix(length))

    def _skip_blanks(self) -> None:
        self.reader.forward(len(self._blanks()))

    def _note(self, text: str, mark: Any) -> None:
        self.found.append(Comment(text.split("\n")[0].rstrip(), mark.index, mark.line, mark.column))


class _WrittenBuilder:
    """Converts events to values with the offsets at which they are written."""

    def __init__(self, events: list[Any]) -> None:
        self.events = events
        self.at = 0
        self.anchors: dict[str, Written] = {}

    def document(self) -> Written:
        while not isinstance(self.taken(), DocumentStartEvent):
            pass
        return self.node(self.taken())

    def taken(self) -> Any:
        self.at += 1
        return self.events[self.at - 1]

    def node(self, event: Any) -> Written:
        if isinstance(event, AliasEvent):
            return self.written(event, event, self.anchors[event.anchor].value)
        if isinstance(event, MappingStartEvent):
            made = self.read_map(event)
        elif isinstance(event, SequenceStartEvent):
            made = self.sequence(event)
        else:
            made = self.written(event, event, _scalar(event), lines=event.style in ("|", ">"))
        if event.anchor is not None:
            self.anchors[event.anchor] = made
        return made

    def read_map(self, event: Any) -> Written:
        entries: list[WrittenEntry] = []
        while not isinstance(here := self.taken(), MappingEndEvent):
            key = self.node(here)
            name = _text(here) if isinstance(here, ScalarEvent) else str(key.value)
            mark = here.start_mark
            entries.append(WrittenEntry(name, mark.index, mark.line, mark.column, self.node(self.taken())))
        value: Value = {entry.name: entry.value.value for entry in entries}
        if len({entry.name for entry in entries}) < len(entries):
            raise SecondReaderError("a key occurs twice")
        return self.collection(event, here, value, [entry.value for entry in entries], tuple(entries))

    def sequence(self, event: Any) -> Written:
        items: list[Written] = []
        while not isinstance(here := self.taken(), SequenceEndEvent):
            items.append(self.node(here))
        return self.collection(event, here, [item.value for item in items], items)

    def collection(
        self, first: Any, last: Any, value: Value, inner: list[Written], entries: tuple[WrittenEntry, ...] = ()
    ) -> Written:
        """Return a collection; in block style it has no closing character, so it ends where its last value ends."""
        made = self.written(first, last, value, lines=not first.flow_style)
        end = inner[-1].end if inner and made.lines else made.end
        return replace(made, end=end, flow=not made.lines, entries=entries)

    def written(self, first: Any, last: Any, value: Value, *, lines: bool = False) -> Written:
        following = self.events[self.at].start_mark.index
        return Written(value, first.start_mark.index, last.end_mark.index, following, lines)


def _scalar(event: Any) -> Value:
    text = _text(event)
    if event.style:
        return text
    if text == "":
        return EMPTY
    return None if text in NULLS else text


def _text(event: Any) -> str:
    return str(event.value).replace(_FOLD, "")

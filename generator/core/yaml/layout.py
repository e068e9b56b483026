"""The character offsets of each part of a YAML text, for edits that change nothing else.

They are read from the parser's events: these distinguish an alias from the value that it refers to, a composed tree
does not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml
from msgspec import Struct

from generator.core.yaml.loader import Loader

if TYPE_CHECKING:
    from collections.abc import Iterator


class ValueLayout(Struct, frozen=True):
    """A value: the text from `start` to `end`.

    `end` is after the last visible character, `reach` after the line ends that belong to a text block. A value that is
    not written has the length 0. `lines`: the value has lines of its own, as a block collection or text block; `flow`:
    it is in brackets. `entries` is None if the value is not a mapping.
    """

    start: int
    end: int
    reach: int
    lines: bool = False
    flow: bool = False
    entries: tuple[KeyLayout, ...] | None = None

    def entry(self, key: str) -> KeyLayout | None:
        """Return the entry with that key, or None if there is none or the value is not a mapping."""
        return next((entry for entry in self.entries or () if entry.key == key), None)


class KeyLayout(Struct, frozen=True):
    """One key of a mapping, its offsets, and its value."""

    key: str
    start: int
    end: int
    value: ValueLayout


def layout(text: str) -> ValueLayout:
    """Return the layout of the value in a text, which must be YAML with one document. Offsets count characters."""
    events = yaml.parse(text, Loader=Loader)
    next(event for event in events if isinstance(event, yaml.DocumentStartEvent))
    return _node(next(events), events, text)


def _node(event: yaml.Event, events: Iterator[yaml.Event], text: str) -> ValueLayout:
    start, end = _start(event), _end(event)
    if isinstance(event, yaml.MappingStartEvent):
        return _mapping(event, events, text)
    if isinstance(event, yaml.SequenceStartEvent):
        return _sequence(event, events, text)
    if isinstance(event, yaml.ScalarEvent) and event.style in ("|", ">"):
        return ValueLayout(start, start + len(text[start:end].rstrip()), end, lines=True)
    return ValueLayout(start, end, end)


def _mapping(event: yaml.MappingStartEvent, events: Iterator[yaml.Event], text: str) -> ValueLayout:
    entries = []
    last: ValueLayout | None = None
    while not isinstance(here := next(events), yaml.MappingEndEvent):
        key = _node(here, events, text)
        last = _node(next(events), events, text)
        name = str(here.value) if isinstance(here, yaml.ScalarEvent) else ""
        entries.append(KeyLayout(name, key.start, key.end, last))
    return _collection(event, here, last, tuple(entries))


def _sequence(event: yaml.SequenceStartEvent, events: Iterator[yaml.Event], text: str) -> ValueLayout:
    last: ValueLayout | None = None
    while not isinstance(here := next(events), yaml.SequenceEndEvent):
        last = _node(here, events, text)
    return _collection(event, here, last, None)


def _collection(
    first: yaml.CollectionStartEvent, last: yaml.Event, inner: ValueLayout | None, entries: tuple[KeyLayout, ...] | None
) -> ValueLayout:
    """Return the layout of a collection.

    A collection in block style has no closing character: it ends where its last value ends.
    """
    start = _start(first)
    if first.flow_style or inner is None:
        end = _end(last)
        return ValueLayout(start, end, end, flow=bool(first.flow_style), entries=entries)
    return ValueLayout(start, inner.end, inner.reach, lines=True, entries=entries)


def _start(event: yaml.Event) -> int:
    assert event.start_mark is not None
    return event.start_mark.index


def _end(event: yaml.Event) -> int:
    assert event.end_mark is not None
    return event.end_mark.index

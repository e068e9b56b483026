"""Where each part of a YAML text stands, to the character: what an edit needs that changes nothing else.

Read from the parser's events, which tell an alias from what it stands for; a composed tree does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import yaml

from generator.core.yaml.document import LOADER

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class ValueLayout:
    """A value: the text from `start` to `end`.

    `end` is behind the last character that is seen, `reach` behind the line ends that belong to a text block. A value
    that is not written has no length. `lines`: it stands in lines of its own, as a collection or text block; `flow`:
    in brackets. `entries` is None where the value is no mapping.
    """

    start: int
    end: int
    reach: int
    lines: bool = False
    flow: bool = False
    entries: tuple[KeyLayout, ...] | None = None

    def entry(self, key: str) -> KeyLayout | None:
        """The entry of that key, if this is a mapping that has it."""
        return next((entry for entry in self.entries or () if entry.key == key), None)


@dataclass(frozen=True, slots=True)
class KeyLayout:
    """One key of a mapping, where it stands, and its value."""

    key: str
    start: int
    end: int
    value: ValueLayout


def layout(text: str) -> ValueLayout:
    """The value that a text holds; the text is YAML with one document. Positions count characters."""
    events = yaml.parse(text, Loader=LOADER)
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
    """A collection in block style has no sign at its end: it ends where its last value does."""
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

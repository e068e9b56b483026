"""A part of a text that is a secret."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Iterable


class Span(Struct, frozen=True):
    """The secret from `start` to `end`; `kind` says what it is, as a message names it, without its value.

    `variable` is a name for an environment variable with the secret. If the range is a string with escapes, `value`
    holds the secrets in it, a line each, as they read without escapes.
    """

    start: int
    end: int
    kind: str
    variable: str
    value: str = ""


def merge_spans(spans: Iterable[Span]) -> list[Span]:
    """Return spans that do not overlap, by position. Overlapping spans become one, with the kind of the first given."""
    out: list[tuple[int, Span]] = []
    for number, span in sorted(enumerate(spans), key=lambda entry: (entry[1].start, entry[0])):
        if out and span.start < out[-1][1].end:
            rank, last = out[-1]
            first = span if number < rank else last
            whole = replace(first, start=last.start, end=max(last.end, span.end), value=last.value or span.value)
            out[-1] = min(rank, number), whole
        else:
            out.append((number, span))
    return [span for _, span in out]

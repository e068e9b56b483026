"""Where values come from, as text: a block for one value, and a line for each of several."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.printable import printable_line
from generator.report.origin_view import place_of, shown_value

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from generator.report.origin_view import ExplainedValue, OriginView
    from generator.review.origins.origin import SpecLine, ValueOrigin

_WIDTH: Final = 12


def report(view: OriginView) -> str:
    """Return the report, with a newline at its end."""
    values = view.values
    lines = _block(view, values[0]) if len(values) == 1 else _list(view, values)
    return "".join(f"{printable_line(line)}\n" for line in lines)


def _list(view: OriginView, values: Sequence[ExplainedValue]) -> Iterator[str]:
    place = ""
    for one in values:
        if place_of(one) != place:
            place = place_of(one)
            yield place
        first = one.origin.first
        yield f"  {one.field}: {shown_value(view, one)}  <- {first if first is not None else one.origin.rule}"


def _block(view: OriginView, one: ExplainedValue) -> Iterator[str]:
    origin = one.origin
    yield f"{place_of(one)} {one.field}"
    yield _row("value", shown_value(view, one))
    yield from (_row("patched by", _line(view, line)) for line in origin.patches)
    word = "set by" if origin.proven else "read from"
    for setting in origin.settings:
        first, *rest = setting.lines
        yield _row(word, _line(view, first))
        yield from (_row("instead of", _line(view, line)) for line in rest)
    yield from (_row(word, _line(view, line)) for line in origin.lines)
    yield from _writer(origin)


def _writer(origin: ValueOrigin) -> Iterator[str]:
    if origin.template is not None:
        yield _row("written by", f"{origin.template} {origin.text}")
    yield from (_row("", meaning) for meaning in origin.meanings)
    if origin.rule:
        yield _row("because", origin.rule)


def _line(view: OriginView, line: SpecLine) -> str:
    value = f": {view.hide(line.value)}" if line.value else ""
    key = f" {line.key}{value}" if line.key else ""
    return f"{line.position}{key}{f' ({line.layer})' if line.layer else ''}"


def _row(word: str, text: str) -> str:
    return f"  {word:<{_WIDTH}}{text}"

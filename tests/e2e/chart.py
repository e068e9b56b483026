"""A timeline as a picture for the docs: a lane for each service that had the host, with its ready pods.

A test that runs with SERVEGEN_E2E_CHARTS set draws its timeline into `docs/`; the picture is committed by hand.
"""

from __future__ import annotations

import os
from itertools import pairwise
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape

from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.timeline import Moment

VARIABLE: Final = "SERVEGEN_E2E_CHARTS"
_LEFT, _RIGHT, _TOP, _BOTTOM = 140, 20, 60, 48
_WIDTH, _LANE, _GAP = 580, 78, 20
_PAUSE: Final = 3.0  # time shown before the first change and after the last, in seconds
_TICKS: Final = (1, 2, 5, 10, 20, 60, 120)
_OWNS, _RUNS, _INK, _FAINT = "#0072b2", "#a6cbe3", "#333333", "#999999"


def draw(name: str, title: str, moments: list[Moment], minimum: int) -> None:
    """Write `docs/<name>.svg` if SERVEGEN_E2E_CHARTS is set."""
    if VARIABLE in os.environ:
        (ROOT / "docs" / f"{name}.svg").write_text(svg(title, moments, minimum), encoding="utf-8")


def svg(title: str, moments: list[Moment], minimum: int) -> str:
    """Return the picture as SVG.

    Bars are dark while the service has the host and light while it only runs; the minimum is a dashed line.
    """
    names = list(dict.fromkeys(owner for moment in moments for owner in moment.owners))
    spans = list(_spans(moments))
    scale = _WIDTH / spans[-1][1]
    most = max(minimum, *(moment.ready.get(name, 0) for moment in moments for name in names))
    bottom = _TOP + len(names) * (_LANE + _GAP)
    size = f"{_LEFT + _WIDTH + _RIGHT} {bottom + _BOTTOM}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}" font-family="sans-serif" font-size="13">',
        f'<rect width="100%" height="100%" fill="#ffffff"/><title>{escape(title)}</title>',
        _text(_LEFT, 26, title, anchor="start", size=15),
        *_legend(),
    ]
    for index, name in enumerate(names):
        floor = _TOP + index * (_LANE + _GAP) + _LANE
        parts += [*_bars(name, spans, floor, scale, most), *_lane(name, floor, minimum, most)]
    parts += [*_ticks(spans[-1][1], bottom - _GAP, scale), "</svg>"]
    return "\n".join(parts) + "\n"


def _spans(moments: list[Moment]) -> Iterator[tuple[float, float, Moment]]:
    """Yield the start and end of each moment, in seconds of the picture.

    The picture begins shortly before the first change.
    """
    seconds = [moment.second for moment in moments]
    begin = max(0.0, seconds[1] - _PAUSE) if len(seconds) > 1 else 0.0
    edges = [0.0, *(second - begin for second in seconds[1:]), seconds[-1] - begin + _PAUSE]
    for (start, end), moment in zip(pairwise(edges), moments, strict=True):
        yield start, end, moment


def _bars(name: str, spans: list[tuple[float, float, Moment]], floor: int, scale: float, most: int) -> Iterator[str]:
    for start, end, moment in spans:
        height = _LANE * moment.ready.get(name, 0) / most
        if height:
            colour = _OWNS if name in moment.owners else _RUNS
            left, width = _LEFT + start * scale, (end - start) * scale
            yield (
                f'<rect x="{left:.1f}" y="{floor - height:.1f}" width="{width:.1f}" height="{height:.1f}" '
                f'fill="{colour}" shape-rendering="crispEdges"/>'
            )


def _lane(name: str, floor: int, minimum: int, most: int) -> Iterator[str]:
    """Yield the name of a service, and the lines and counts around its bars."""
    yield _text(_LEFT - 30, floor - _LANE // 2 + 5, name, anchor="end")
    for count in sorted({0, minimum, most}):
        height = floor - _LANE * count / most
        dashes = f' stroke-dasharray="5 4" stroke="{_INK}"' if count == minimum else f' stroke="{_FAINT}"'
        yield f'<line x1="{_LEFT}" x2="{_LEFT + _WIDTH}" y1="{height:.1f}" y2="{height:.1f}"{dashes}/>'
        yield _text(_LEFT - 8, height + 4, str(count), anchor="end", size=11)


def _legend() -> Iterator[str]:
    left = _LEFT
    for colour, words, width in ((_OWNS, "ready pods, has the host", 190), (_RUNS, "ready pods", 105)):
        yield f'<rect x="{left}" y="38" width="11" height="11" fill="{colour}"/>'
        yield _text(left + 17, 48, words, anchor="start", size=11)
        left += width
    yield f'<line x1="{left}" x2="{left + 22}" y1="44" y2="44" stroke-dasharray="5 4" stroke="{_INK}"/>'
    yield _text(left + 28, 48, "the owner's minimum", anchor="start", size=11)


def _ticks(seconds: float, floor: int, scale: float) -> Iterator[str]:
    step = next((tick for tick in _TICKS if seconds / tick <= 12), _TICKS[-1])
    for second in range(0, int(seconds) + 1, step):
        left = _LEFT + second * scale
        yield f'<line x1="{left:.1f}" x2="{left:.1f}" y1="{floor}" y2="{floor + 5}" stroke="{_INK}"/>'
        yield _text(left, floor + 19, str(second), size=11)
    yield _text(_LEFT + _WIDTH, floor + 36, "seconds", anchor="end", size=11)


def _text(left: float, base: float, words: str, *, anchor: str = "middle", size: int = 13) -> str:
    return (
        f'<text x="{left:.1f}" y="{base:.1f}" text-anchor="{anchor}" font-size="{size}" fill="{_INK}">'
        f"{escape(words)}</text>"
    )

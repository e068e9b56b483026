"""The capacity plan as an SVG picture, for light and dark pages: a bar for each resource of a pool.

Bars are parts of what there is. The first part of a bar is the minimum, both parts the maximum; marks are the
minimum with the largest rollout, and with the largest takeover.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape

from generator.fleet.capacity.forecast import Scenario
from generator.report.capacity import measures, nodes_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from generator.fleet.capacity.plan import ClusterPlan
    from generator.report.capacity import Measure

_LEFT: Final = 190
_WIDTH: Final = 420
_RIGHT: Final = 230
_TOP: Final = 74
_ROW: Final = 26
_BAR: Final = 14
_HEAD: Final = 30
# A bar ends at this part of the capacity; the numbers beside it say how much it is.
_MOST: Final = 1.25
_STYLE: Final = """\
text { font: 13px sans-serif; fill: #24292f } .faint { fill: #57606a } .head { font-weight: bold }
.track { fill: #eaeef2 } .least { fill: #0072b2 } .most { fill: #56b4e9 } .over { fill: #d55e00 }
.edge { stroke: #24292f; stroke-width: 1.5 } .surge { stroke: #b35900; stroke-width: 2.5 }
.takeover { stroke: #24292f; stroke-width: 2.5; stroke-dasharray: 2 2 } .page { fill: #ffffff }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 } .faint { fill: #9198a1 } .track { fill: #2b323b } .page { fill: #0d1117 }
.least { fill: #3a9bdc } .most { fill: #1f5f8b } .over { fill: #f08a4b }
.edge, .takeover { stroke: #e6edf3 } .surge { stroke: #ffb55a } }"""
_WORDS: Final = (("least", "minimum"), ("most", "maximum"))


def chart(plans: Sequence[ClusterPlan]) -> str:
    """Return the picture."""
    body: list[str] = []
    top = _TOP
    for plan in plans:
        answer = (
            f"{plan.cluster}: the minimum {plan.answer}" if plan.answer != "unknown" else f"{plan.cluster}: unknown"
        )
        body.append(_text(16, top, answer, "head"))
        top += _HEAD // 2
        name = ""
        for one in measures(plan):
            top += _ROW if one.pool.name == name else _ROW + _ROW // 2
            body += _row(one, top, first=one.pool.name != name)
            name = one.pool.name
        top += _HEAD + _ROW
    width, height = _LEFT + _WIDTH + _RIGHT, top
    start = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    title = "Capacity of the node pools"
    lines = [
        f'{start} role="img"><title>{title}</title>',
        f"<style>{_STYLE}</style>",
        '<rect class="page" width="100%" height="100%"/>',
        *_legend(),
        *body,
    ]
    return "\n".join([*lines, "</svg>"]) + "\n"


def _legend() -> Iterator[str]:
    left = 16
    for kind, word in _WORDS:
        yield f'<rect class="{kind}" x="{left}" y="18" width="{_BAR}" height="{_BAR}"/>'
        yield _text(left + 20, 30, word)
        left += 110
    for kind, word in (("surge", "with a rollout"), ("takeover", "with a takeover"), ("edge", "capacity")):
        yield _mark(left + 6, 25, kind)
        yield _text(left + 20, 30, word)
        left += 140


def _row(one: Measure, middle: int, *, first: bool) -> Iterator[str]:
    """Yield the bar of one resource of a pool."""
    if first:
        nodes = f"{nodes_text(one.pool)} node{'' if one.pool.nodes == 1 else 's'}"
        yield _text(16, middle + 5, one.pool.name, "head")
        yield _text(16, middle + 22, f"{nodes}{f', {one.pool.card}' if one.pool.card else ''}", "faint")
    yield _text(_LEFT - 12, middle + 5, one.resource, "faint", anchor="end")
    least, most = one.needs[Scenario.MINIMUM], one.needs[Scenario.MAXIMUM]
    yield _bar("track", 0, _MOST, middle)
    yield _bar("most", 0, _part(one, most), middle)
    yield _bar("least", 0, _part(one, least), middle)
    for scenario, kind in ((Scenario.SURGE, "surge"), (Scenario.TAKEOVER, "takeover")):
        yield _mark(_at(_part(one, one.needs[scenario])), middle, kind)
    for need in (most, least):
        if need > one.capacity:
            yield _bar("over", 1, _part(one, need), middle, height=5)
    yield _mark(_at(1), middle, "edge")
    text = f"{one.format(least)} to {one.format(most)} of {one.format(one.capacity)}"
    if least == most:
        text = f"{one.format(least)} of {one.format(one.capacity)}"
    yield _text(_LEFT + _WIDTH + 12, middle + 5, text)


def _part(one: Measure, need: int) -> float:
    """Return a need as a part of the capacity, as far as it is shown."""
    return min(need / one.capacity, _MOST) if one.capacity else (_MOST if need else 0)


def _at(part: float) -> float:
    return _LEFT + _WIDTH * part / _MOST


def _bar(kind: str, start: float, end: float, middle: int, height: int = _BAR) -> str:
    left, top = _at(start), middle + (_BAR - 2 * height) // 2 if height < _BAR else middle - _BAR // 2
    return f'<rect class="{kind}" x="{left:.1f}" y="{top}" width="{_at(end) - left:.1f}" height="{height}"/>'


def _mark(x: float, middle: int, kind: str) -> str:
    return f'<line class="{kind}" x1="{x:.1f}" x2="{x:.1f}" y1="{middle - 9}" y2="{middle + 9}"/>'


def _text(x: int, y: int, text: str, kind: str = "", anchor: str = "start") -> str:
    named = f' class="{kind}"' if kind else ""
    aligned = f' text-anchor="{anchor}"' if anchor != "start" else ""
    return f'<text{named} x="{x}" y="{y}"{aligned}>{escape(text)}</text>'

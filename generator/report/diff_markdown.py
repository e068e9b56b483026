"""A comparison as Markdown for one comment of a pull request, of at most 60,000 bytes.

GitHub and GitLab refuse longer comments. What is dangerous is never left out: with many changes, first what is harmless
gets shorter, then the lists of the dangerous ones become counts by app and by project. Every text that is not ours is
in a code span, where Markdown, HTML and mentions have no meaning (CommonMark 0.31, 6.1).
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Final

from generator.core.printable import printable_line
from generator.report.diff_view import causes_of, count, names, title
from generator.review.effect import MEANINGS, Effect

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.report.diff_view import DiffView
    from generator.review.clusters import ChangeCluster

LIMIT: Final = 60_000
# By this line, a program finds the comment that it wrote before.
MARKER: Final = "<!-- servegen diff -->"
_DANGEROUS: Final = frozenset({Effect.DELETE, Effect.RECREATE, Effect.HAND_OVER, Effect.TAKEOVER, Effect.CAPACITY})
_ALL: Final = 1_000_000
_TICKS: Final = re.compile("`+")


@dataclass(frozen=True, slots=True)
class _Detail:
    """How much is shown of a change: fields, causes, and names; or with `by`, counts by the first parts of names."""

    fields: int
    causes: int
    names: int
    by: int = 0


@dataclass(frozen=True, slots=True)
class _LevelOfDetail:
    """How much is shown of dangerous and of other changes; without `others`, only their numbers."""

    dangerous: _Detail
    others: _Detail | None


_LEVELS: Final = (
    _LevelOfDetail(_Detail(10, 5, _ALL), _Detail(10, 5, _ALL)),
    _LevelOfDetail(_Detail(10, 5, _ALL), _Detail(5, 3, 20)),
    _LevelOfDetail(_Detail(3, 3, _ALL), _Detail(2, 1, 3)),
    _LevelOfDetail(_Detail(1, 1, _ALL), None),
    _LevelOfDetail(_Detail(0, 0, _ALL, by=2), None),
    _LevelOfDetail(_Detail(0, 0, _ALL, by=1), None),
    _LevelOfDetail(_Detail(0, 0, 0), None),
)


def report(view: DiffView) -> str:
    """Return the comment, with a newline at its end."""
    clusters = view.clusters()
    texts = (_text(view, clusters, level) for level in _LEVELS)
    text = ""
    for text in texts:
        if len(text.encode()) <= LIMIT:
            break
    return text


def _text(view: DiffView, clusters: list[ChangeCluster], level: _LevelOfDetail) -> str:
    lines = [MARKER, "### What this change does", "", f"{_code(view.before)} compared with {_code(view.after)}", ""]
    lines += [f"- note: {_code(note)}" for note in view.notes]
    if view.review.empty:
        return "\n".join([*lines, "Nothing changes in any environment.", ""])
    lines += [f"- {_code(line)}" for line in view.summary()]
    lines += _demands(view, level)
    for effect, alike in groupby(clusters, key=lambda cluster: cluster.example.effect):
        found = list(alike)
        lines += ["", f"#### {effect}: {MEANINGS[effect]}", ""]
        detail = level.dangerous if effect in _DANGEROUS else level.others
        lines += _numbers(found) if detail is None else _section(view, found, detail)
    return "\n".join(lines) + "\n"


def _demands(view: DiffView, level: _LevelOfDetail) -> list[str]:
    """Return the lines that a commit message lacks; beyond what a comment can hold, their number."""
    missing = [one.trailer for one in view.demands or () if not one.accepted]
    if not missing:
        return []
    shown = missing if level.dangerous.names and not level.dangerous.by else missing[:10]
    more = [f"- and {len(missing) - len(shown):,} more"] if len(missing) > len(shown) else []
    head = "#### Needs acceptance: add these lines to the end of the message of a commit of this change"
    return ["", head, "", *(f"- {_code(line)}" for line in shown), *more]


def _section(view: DiffView, clusters: list[ChangeCluster], detail: _Detail) -> Iterator[str]:
    if detail.names == 0:
        yield from _numbers(clusters)
        return
    for cluster in clusters:
        yield from _cluster(view, cluster, detail)


def _numbers(clusters: list[ChangeCluster]) -> Iterator[str]:
    """Yield the number of changes in each environment."""
    counts: Counter[str] = Counter()
    pods: Counter[str] = Counter()
    for cluster in clusters:
        counts[cluster.example.environment] += len(cluster.units)
        pods[cluster.example.environment] += cluster.pods
    for environment, number in counts.items():
        of_pods = f" ({count(pods[environment], 'pod')})" if pods[environment] else ""
        yield f"- {_code(environment)}: {count(number, 'change')}{of_pods}"


def _cluster(view: DiffView, cluster: ChangeCluster, detail: _Detail) -> Iterator[str]:
    yield f"- {_code(cluster.example.environment)} {_code(title(cluster))}"
    leaves = [(leaf, change) for change in cluster.example.objects for leaf in change.leaves]
    for leaf, change in leaves[: detail.fields]:
        old, new = view.changed_value(leaf, change)
        order = " (order)" if leaf.difference.order else ""
        yield f"  - {_code(leaf.difference.shown)}{order}: {_code(old)} → {_code(new)}"
    if len(leaves) > detail.fields:
        yield f"  - and {count(len(leaves) - detail.fields, 'other field')}"
    causes = causes_of(cluster)
    if detail.causes and causes:
        more = f" and {count(len(causes) - detail.causes, 'other line')}" if len(causes) > detail.causes else ""
        yield f"  - because of {', '.join(_code(str(cause)) for cause in causes[: detail.causes])}{more}"
    if len(cluster.units) > 1:
        yield f"  - in {_names(cluster, detail)}"


def _names(cluster: ChangeCluster, detail: _Detail) -> str:
    if detail.by:
        counts = Counter("/".join(unit.place.split("/")[: detail.by]) for unit in cluster.units)
        return _code(", ".join(f"{name}: {number}" for name, number in counts.items()))
    listed = names(cluster.units)
    more = f" and {len(listed) - detail.names:,} more" if len(listed) > detail.names else ""
    return f"{_code(', '.join(listed[: detail.names]))}{more}"


def _code(text: str) -> str:
    """Return a text as a code span, whatever it contains."""
    line = printable_line(text).strip() or " "
    ticks = "`" * (max((len(run) for run in _TICKS.findall(line)), default=0) + 1)
    return f"{ticks} {line} {ticks}" if len(ticks) > 1 else f"`{line}`"

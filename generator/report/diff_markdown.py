"""A comparison as Markdown for one comment of a pull request, of at most 60,000 bytes.

GitHub and GitLab refuse longer comments. Every text that is not ours is in a code span, where Markdown, HTML and
mentions have no meaning (CommonMark 0.31, 6.1).
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final

from generator.core.printable import printable_line
from generator.core.regex import regex
from generator.report.diff_detail import LEVELS, fit, listed_names, missing_acceptances, numbers
from generator.report.diff_view import causes_of, count, title
from generator.review.effect import MEANINGS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.report.diff_detail import Detail, LevelOfDetail
    from generator.report.diff_view import DiffView
    from generator.review.clusters import ChangeCluster

LIMIT: Final = 60_000
# By this line, a program finds the comment that it wrote before.
MARKER: Final = "<!-- servegen diff -->"
_TICKS: Final = regex("`+")


def report(view: DiffView) -> str:
    """Return the comment, with a newline at its end."""
    clusters, summary = view.clusters(), view.summary()
    return fit(LIMIT, LEVELS, lambda level: _text(view, summary, clusters, level))


def _text(view: DiffView, summary: list[str], clusters: list[ChangeCluster], level: LevelOfDetail) -> str:
    lines = [MARKER, "### What this change does", "", f"{_code(view.before)} compared with {_code(view.after)}", ""]
    lines += [f"- note: {_code(note)}" for note in view.notes]
    if view.review.empty:
        return "\n".join([*lines, "Nothing changes in any environment.", ""])
    lines += [f"- {_code(line)}" for line in summary]
    lines += _demands(view, level)
    for effect, alike in groupby(clusters, key=lambda cluster: cluster.example.effect):
        found = list(alike)
        lines += ["", f"#### {effect}: {MEANINGS[effect]}", ""]
        detail = level.of(effect)
        if detail is None:
            lines += [f"- {_code(environment)}: {number}" for environment, number in numbers(found)]
        else:
            lines += [line for cluster in found for line in _cluster(view, cluster, detail)]
    return "\n".join(lines) + "\n"


def _demands(view: DiffView, level: LevelOfDetail) -> list[str]:
    shown, others = missing_acceptances(view, level)
    if not shown:
        return []
    more = [f"- and {others:,} more"] if others else []
    head = "#### Needs acceptance: add these lines to the end of the message of a commit of this change"
    return ["", head, "", *(f"- {_code(line)}" for line in shown), *more]


def _cluster(view: DiffView, cluster: ChangeCluster, detail: Detail) -> Iterator[str]:
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


def _names(cluster: ChangeCluster, detail: Detail) -> str:
    listed, others = listed_names(cluster, detail)
    return f"{_code(listed)}{f' and {others:,} more' if others else ''}"


def _code(text: str) -> str:
    """Return a text as a code span, whatever it contains."""
    line = printable_line(text).strip() or " "
    ticks = "`" * (max((len(run) for run in _TICKS.findall(line)), default=0) + 1)
    return f"{ticks} {line} {ticks}" if len(ticks) > 1 else f"`{line}`"

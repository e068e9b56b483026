"""A comparison as text: a summary of each environment, then the changes, the most dangerous first."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final

from generator.core.printable import printable_line
from generator.report.diff_view import causes_of, count, names, title
from generator.review.effect import MEANINGS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.report.diff_view import DiffView
    from generator.review.clusters import ChangeCluster

_LISTED: Final = 10
_LEAVES: Final = 10
_CAUSES: Final = 3


def report(view: DiffView) -> str:
    """Return the report, with a newline at its end."""
    lines = [f"{view.before} compared with {view.after}", *(f"note: {note}" for note in view.notes)]
    head = [*map(printable_line, lines)]
    if view.review.empty:
        return "\n".join([*head, "nothing changes in any environment", ""])
    blocks = ["\n".join([*head, *map(printable_line, view.summary())])]
    for effect, found in groupby(view.clusters(), key=lambda cluster: cluster.example.effect):
        lines = [f"{effect} ({MEANINGS[effect]})"]
        for cluster in found:
            lines += _cluster(view, cluster)
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks) + "\n"


def _cluster(view: DiffView, cluster: ChangeCluster) -> Iterator[str]:
    yield printable_line(f"  {cluster.example.environment}: {title(cluster)}")
    leaves = [(leaf, change) for change in cluster.example.objects for leaf in change.leaves]
    for leaf, change in leaves[:_LEAVES]:
        old, new = view.changed_value(leaf, change)
        order = " (order)" if leaf.difference.order else ""
        yield f"    {printable_line(leaf.difference.shown)}{order}: {old} -> {new}"
    causes = causes_of(cluster)
    for cause in causes[:_CAUSES]:
        yield f"    because of {printable_line(str(cause))}"
    if len(causes) > _CAUSES:
        yield f"    and of {count(len(causes) - _CAUSES, 'other line')}"
    if len(leaves) > _LEAVES:
        yield f"    and {count(len(leaves) - _LEAVES, 'other field')}"
    if len(cluster.units) > 1:
        listed = names(cluster.units)
        more = f" and {len(listed) - _LISTED:,} more" if len(listed) > _LISTED else ""
        yield f"    in {printable_line(', '.join(listed[:_LISTED]))}{more}"

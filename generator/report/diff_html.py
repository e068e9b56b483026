"""A comparison as one HTML file without outside resources, of at most 5 MB.

`diff.html.j2` beside this module is the page. Jinja2 escapes each text, and characters that a reader would not see are
written as escapes, such as those that reverse the reading direction. The page has no scripts, and its
Content-Security-Policy admits none.
"""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Final

import jinja2
from msgspec import Struct

from generator.core.printable import printable_line
from generator.report.diff_detail import DANGEROUS, EVERYTHING, LEVELS, fit, listed_names, missing_acceptances, numbers
from generator.report.diff_view import causes_of, count, title
from generator.review.effect import MEANINGS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from generator.report.diff_detail import Detail, LevelOfDetail
    from generator.report.diff_view import DiffView
    from generator.review.clusters import ChangeCluster
    from generator.review.effect import Effect

LIMIT: Final = 5_000_000
_TEMPLATE: Final = Path(__file__).with_name("diff.html.j2")


class _Field(Struct, frozen=True):
    """A field of an object with its value before and after."""

    path: str
    order: bool
    before: str
    after: str


class _Block(Struct, frozen=True):
    """Equal changes: an example with its fields and causes, and the names of all; `more_…` is what is left out."""

    environment: str
    title: str
    fields: list[_Field]
    more_fields: str
    causes: list[str]
    more_causes: str
    number: str
    names: str
    more_names: int

    @property
    def empty(self) -> bool:
        """Whether there is nothing below the title."""
        return not (self.fields or self.causes or self.names)


class _Section(Struct, frozen=True):
    """All changes with one effect, or only their `numbers`. The blocks are made as the page is."""

    effect: Effect
    meaning: str
    dangerous: bool
    changes: str
    blocks: Iterable[_Block]
    numbers: list[tuple[str, str]]

    @property
    def anchor(self) -> str:
        """The id of the section in the page."""
        return self.effect.replace(" ", "-")


def report(view: DiffView) -> str:
    """Return the page, with a newline at its end."""
    clusters, summary = view.clusters(), [line.partition(": ")[::2] for line in view.summary()]
    page = _environment().from_string(_TEMPLATE.read_text(encoding="utf-8"))
    return fit(
        LIMIT, (EVERYTHING, *LEVELS), lambda level: _text(page, {**_values(view, clusters, level), "summary": summary})
    )


def _text(page: jinja2.Template, values: dict[str, object]) -> str:
    """Return the page, or as much of it as shows that it is too long: the rest is not made in vain."""
    chunks, length = [], 0
    for chunk in page.generate(values):
        chunks.append(chunk)
        length += len(chunk)
        if length > LIMIT:
            break
    return "".join(chunks)


def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        autoescape=True,
        finalize=lambda value: printable_line(str(value)),
        keep_trailing_newline=True,
        lstrip_blocks=True,
        trim_blocks=True,
        undefined=jinja2.StrictUndefined,
    )


def _values(view: DiffView, clusters: list[ChangeCluster], level: LevelOfDetail) -> dict[str, object]:
    missing, others = missing_acceptances(view, level)
    by_effect = groupby(clusters, key=lambda cluster: cluster.example.effect)
    return {
        "before": view.before,
        "after": view.after,
        "notes": view.notes,
        "missing": missing,
        "more_missing": others,
        "accepted": [one.trailer for one in view.demands or () if one.accepted],
        "sections": [_section(view, effect, list(found), level.of(effect)) for effect, found in by_effect],
    }


def _section(view: DiffView, effect: Effect, found: list[ChangeCluster], detail: Detail | None) -> _Section:
    changes = count(sum(len(cluster.units) for cluster in found), "change")
    blocks = (_block(view, cluster, detail) for cluster in found) if detail is not None else ()
    totals = [] if detail is not None else list(numbers(found))
    return _Section(effect, MEANINGS[effect], effect in DANGEROUS, changes, blocks, totals)


def _block(view: DiffView, cluster: ChangeCluster, detail: Detail) -> _Block:
    example, number = cluster.example, len(cluster.units)
    leaves = [(leaf, change) for change in example.objects for leaf in change.leaves]
    fields = [
        _Field(leaf.difference.shown, leaf.difference.order, *view.changed_value(leaf, change))
        for leaf, change in leaves[: detail.fields]
    ]
    causes = causes_of(cluster)
    names, more = listed_names(cluster, detail) if number > 1 else ("", 0)
    return _Block(
        environment=example.environment,
        title=title(cluster),
        fields=fields,
        more_fields=_others(len(leaves) - len(fields), "other field"),
        causes=[str(cause) for cause in causes[: detail.causes]],
        more_causes=_others(len(causes) - detail.causes, "other line"),
        number=count(number, "change"),
        names=names,
        more_names=more,
    )


def _others(number: int, word: str) -> str:
    return f"and {count(number, word)}" if number > 0 else ""

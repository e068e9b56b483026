"""How much a report shows of each change, so that it does not get too long.

What is dangerous is never left out: with many changes, first what is harmless gets shorter, then the lists of the
dangerous ones become counts by app and by project.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from generator.report.diff_view import count, names
from generator.review.effect import Effect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from generator.report.diff_view import DiffView
    from generator.review.clusters import ChangeCluster

DANGEROUS: Final = frozenset({Effect.DELETE, Effect.RECREATE, Effect.HAND_OVER, Effect.TAKEOVER, Effect.CAPACITY})
_ALL: Final = 1_000_000


class Detail(Struct, frozen=True):
    """How much is shown of a change: fields, causes, and names; or with `by`, counts by the first parts of names."""

    fields: int
    causes: int
    names: int
    by: int = 0


class LevelOfDetail(Struct, frozen=True):
    """How much is shown of dangerous and of other changes; without `others`, only their numbers."""

    dangerous: Detail
    others: Detail | None

    def of(self, effect: Effect) -> Detail | None:
        """Return how much is shown of a change with this effect, None for its number only."""
        detail = self.dangerous if effect in DANGEROUS else self.others
        return None if detail is None or not detail.names else detail


LEVELS: Final = (
    LevelOfDetail(Detail(10, 5, _ALL), Detail(10, 5, _ALL)),
    LevelOfDetail(Detail(10, 5, _ALL), Detail(5, 3, 20)),
    LevelOfDetail(Detail(3, 3, _ALL), Detail(2, 1, 3)),
    LevelOfDetail(Detail(1, 1, _ALL), None),
    LevelOfDetail(Detail(0, 0, _ALL, by=2), None),
    LevelOfDetail(Detail(0, 0, _ALL, by=1), None),
    LevelOfDetail(Detail(0, 0, 0), None),
)
EVERYTHING: Final = LevelOfDetail(Detail(_ALL, _ALL, _ALL), Detail(_ALL, _ALL, _ALL))


def fit(limit: int, levels: Iterable[LevelOfDetail], text: Callable[[LevelOfDetail], str]) -> str:
    """Return the text of the first level that has at most `limit` bytes as UTF-8, else that of the last level."""
    found = ""
    for level in levels:
        found = text(level)
        if len(found.encode()) <= limit:
            break
    return found


def numbers(clusters: Iterable[ChangeCluster]) -> Iterator[tuple[str, str]]:
    """Yield each environment with the number of its changes and pods."""
    counts: Counter[str] = Counter()
    pods: Counter[str] = Counter()
    for cluster in clusters:
        counts[cluster.example.environment] += len(cluster.units)
        pods[cluster.example.environment] += cluster.pods
    for environment, number in counts.items():
        of_pods = f" ({count(pods[environment], 'pod')})" if pods[environment] else ""
        yield environment, f"{count(number, 'change')}{of_pods}"


def listed_names(cluster: ChangeCluster, detail: Detail) -> tuple[str, int]:
    """Return the names of equal changes as a list in words, and the number of those that it leaves out."""
    if detail.by:
        counts = Counter("/".join(unit.place.split("/")[: detail.by]) for unit in cluster.units)
        return ", ".join(f"{name}: {number}" for name, number in counts.items()), 0
    found = names(cluster.units)
    return ", ".join(found[: detail.names]), max(len(found) - detail.names, 0)


def missing_acceptances(view: DiffView, level: LevelOfDetail) -> tuple[list[str], int]:
    """Return the lines that a commit message lacks, and the number of those beyond what a report can hold."""
    missing = [one.trailer for one in view.demands or () if not one.accepted]
    shown = missing if level.dangerous.names and not level.dangerous.by else missing[:10]
    return shown, len(missing) - len(shown)

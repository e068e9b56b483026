"""What a line of a spec decides: the differences between the fleet as it is, and with other values in that line."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from generator.core.errors import ServegenError, UsageError
from generator.core.finding import has_errors
from generator.edit.yaml_edit import remove
from generator.review.compare import effect_of
from generator.review.model import Review
from generator.review.origins.spec_leaves import leaf_value, spec_leaves, variants, with_value
from generator.review.review import review
from generator.review.side import Side

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from generator.core.yaml import Document, Path
    from generator.pipeline.fleet_only import FleetResolver
    from generator.review.model import ObjectChange
    from generator.review.review import SpreadApps

# Of what holds several values, so many are tried; of one value so many others.
_MOST_LEAVES: Final = 12
_MOST_VALUES: Final = 3


class Trial(NamedTuple):
    """A value that was put in the place of another, None for a removed key, and what that changes."""

    path: Path
    value: str | None
    review: Review


class LineTrials(Struct, frozen=True):
    """Tries other values in the lines of one side's specs: `specs` are its files, `resolver` is what resolved them."""

    side: Side
    specs: Mapping[str, bytes]
    resolver: FleetResolver
    spread: SpreadApps

    def run(self, document: Document, path: Path, wanted: str | None) -> list[Trial]:
        """Return what other values of a line change, each rendered; `wanted` is the only one to try, None for any.

        Of a mapping or a list, each value below is tried; what accepts no other value is removed. A value with which
        the specs have errors is left out.
        """
        out, leaves = [], [*spec_leaves(document, path)][:_MOST_LEAVES] or [path]
        most = _MOST_VALUES if len(leaves) == 1 else 1
        for leaf in leaves:
            found = (self._try(document, leaf, value, text) for value, text in _texts(document, leaf, wanted))
            valid = list(islice((one for one in found if one is not None), most))
            out += valid or ([] if wanted is not None else self._removed(document, leaf))
        return out

    def _try(self, document: Document, path: Path, value: str | None, text: str) -> Trial | None:
        """Return what a text of the file changes; None if the specs have errors with it."""
        try:
            found = self.resolver.resolve({**self.specs, document.file: text.encode()})
            if has_errors(found.findings):
                return None
            other = Side(found.fleet, found.routing, self.side.renderer)
            return Trial(path, value, review(self.side, other, [document.file], spread=self.spread))
        except ServegenError:
            return None

    def _removed(self, document: Document, path: Path) -> list[Trial]:
        """Return what the removal of a key changes; nothing if it cannot be removed."""
        if not all(isinstance(step, str) for step in path):
            return []
        try:
            text = remove(document.text.encode(), document.file, tuple(map(str, path))).decode()
        except UsageError:
            return []
        found = self._try(document, path, None, text)
        return [found] if found is not None else []


def merge_reviews(found: Iterable[Review]) -> Review:
    """Return all changes of several reviews, each object with all of its differences."""
    objects: dict[object, ObjectChange] = {}
    reviews = list(found)
    for change in (change for one in reviews for change in one.objects):
        key = change.key, change.environment
        objects[key] = _joined(objects[key], change) if key in objects else change
    hosts = {(host.environment, host.address): host for one in reviews for host in one.hosts}
    moves = {(move.environment, move.project): move for one in reviews for move in one.moves}
    return Review(tuple(objects.values()), tuple(hosts.values()), tuple(moves.values()))


def _joined(one: ObjectChange, other: ObjectChange) -> ObjectChange:
    if not (one.leaves and other.leaves):
        return one
    leaves = {leaf.difference.shown: leaf for leaf in (*other.leaves, *one.leaves)}
    merged = tuple(leaves.values())
    return replace(one, leaves=merged, effect=effect_of(merged), pods=max(one.pods, other.pods))


def _texts(document: Document, path: Path, wanted: str | None) -> Iterator[tuple[str, str]]:
    if not isinstance(leaf_value(document, path), str):
        return
    if wanted is None:
        yield from variants(document, path)
    else:
        yield wanted, with_value(document, path, wanted)

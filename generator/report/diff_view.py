"""The parts of a comparison's report that its formats share: titles, values and lists, without secrets."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from generator.core.printable import printable_line
from generator.review.clusters import ChangeCluster, clusters, restarts
from generator.review.effect import Effect
from generator.review.leaves import ABSENT
from generator.review.units import HOST, MOVE, SERVICE, units
from generator.spec.files import PLATFORM

if TYPE_CHECKING:
    from collections.abc import Iterable

    from generator.report.conceal import Concealer
    from generator.review.cause import Cause
    from generator.review.compare import Leaf
    from generator.review.gate import Demand
    from generator.review.model import HostChange, Move, ObjectChange, Review
    from generator.review.units import Unit

_LONGEST: Final = 80
_VERBS: Final = {
    Effect.DELETE: "leave",
    Effect.TAKEOVER: "leave, because another service has the host",
    Effect.CREATE: "start",
}


class DiffView(Struct, frozen=True):
    """A review as it is reported: the names of both revisions, notes about them, and what must not be shown.

    `demands` are the changes that must be accepted, None if nobody asked for them.
    """

    review: Review
    before: str
    after: str
    notes: tuple[str, ...]
    concealer: Concealer
    demands: tuple[Demand, ...] | None = None

    def clusters(self) -> list[ChangeCluster]:
        """Return all changes, equal ones together, the most dangerous first."""
        return clusters(units(self.review))

    def summary(self) -> list[str]:
        """Return one sentence for each environment with changes."""
        found = units(self.review)
        counts = restarts(found)
        out = []
        for environment in sorted({unit.environment for unit in found}):
            own = [unit for unit in found if unit.environment == environment]
            parts = _counts(own)
            if environment in counts:
                restart = counts[environment]
                parts.append(f"{count(restart.services, 'service')} with {count(restart.pods, 'pod')} restart")
            others = Counter(unit.effect for unit in own if unit.effect in _OTHERS)
            parts += [f"{count(others[effect], 'change')} {what}" for effect, what in _OTHERS.items() if others[effect]]
            out.append(f"{environment}: {', '.join(parts) or 'another notation only'}")
        return out

    def changed_value(self, leaf: Leaf, change: ObjectChange) -> tuple[str, str]:
        """Return the value before and after, each on one line; of long texts the first line that differs."""
        old, new = leaf.difference.before, leaf.difference.after
        if isinstance(old, str) and isinstance(new, str) and "\n" in f"{old}{new}":
            old, new = _first_difference(old, new)
        return self._value(old, change), self._value(new, change)

    def whole_value(self, leaf: Leaf, change: ObjectChange) -> tuple[str | None, str | None]:
        """Return the value before and after, of another type than text as JSON, and None if it is absent."""
        old, new = leaf.difference.before, leaf.difference.after
        return self._concealed(old, change), self._concealed(new, change)

    def _value(self, value: Any, change: ObjectChange) -> str:
        text = self._concealed(value, change)
        return str(ABSENT) if text is None else _short(printable_line(text)) or '""'

    def _concealed(self, value: Any, change: ObjectChange) -> str | None:
        if value is ABSENT:
            return None
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        return self.concealer.hide(text, files_of(change))


_HOSTS: Final = {
    Effect.DELETE: "no service has them any more",
    Effect.HAND_OVER: "they go to another app",
    Effect.TAKEOVER: "they go to another service of their app",
    Effect.CREATE: "they are new",
}
_OTHERS: Final = {
    Effect.CAPACITY: "of capacity",
    Effect.ROUTE: "of routes",
    Effect.IN_PLACE: "in place",
    Effect.METADATA: "of metadata",
}


def files_of(change: ObjectChange) -> tuple[str, ...]:
    """Return the spec files whose values an object may show."""
    projects = dict.fromkeys(f"{'/'.join(file.split('/')[:2])}/project.yaml" for file in change.files)
    return (*change.files, *projects, PLATFORM)


def title(cluster: ChangeCluster) -> str:
    """Return what changes, without its environment: `service p/a/m-1`, `Deployment of 3 services`."""
    example, number = cluster.example, len(cluster.units)
    pods = f" ({count(cluster.pods, 'pod')})" if cluster.pods else ""
    if example.host is not None:
        return _host(example.host) if number == 1 else f"{number:,} hosts: {_HOSTS[example.effect]}"
    if example.move is not None:
        return _move(example.move)
    if example.kind == SERVICE:
        what = f"service {example.name}" if number == 1 else f"{number:,} services"
        objects = count(sum(len(unit.objects) for unit in cluster.units), "object")
        verb = _VERBS[example.effect]
        moved = " with the move of the environment" if example.moved else ""
        return f"{what} with {objects}{pods}: {verb if number > 1 else _singular(verb)}{moved}"
    whose = "services" if example.service is not None else "objects"
    what = f"{example.kind} {example.name}" if number == 1 else f"{example.kind} of {number:,} {whose}"
    return f"{what}{pods}"


def causes_of(cluster: ChangeCluster) -> list[Cause]:
    """Return the causes of equal changes, those of the example first, each once."""
    return list(dict.fromkeys(cause for unit in cluster.units for cause in unit.causes))


def names(found: Iterable[Unit]) -> list[str]:
    """Return the names of changes for a list: of a service its own, of a host with its owners."""
    return [_name(unit) for unit in found]


def _name(unit: Unit) -> str:
    if unit.host is not None:
        owners = (owner[2] for owner in (unit.host.before, unit.host.after) if owner is not None)
        return f"{unit.name} ({' -> '.join(owners)})"
    return unit.service[2] if unit.service is not None else unit.name


def count(number: int, word: str) -> str:
    """Return a number and a word, in the plural if it must be."""
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def _counts(found: list[Unit]) -> list[str]:
    """Return the counts of what leaves, goes to another owner, or is new."""
    moves = [f"{unit.name} moves" for unit in found if unit.kind == MOVE]
    deleted = Counter(_noun(unit) for unit in found if unit.effect is Effect.DELETE and unit.kind != MOVE)
    created = Counter(_noun(unit) for unit in found if unit.effect is Effect.CREATE)
    recreated = sum(unit.effect is Effect.RECREATE for unit in found)
    hosts = Counter(unit.effect for unit in found if unit.kind == HOST)
    return [
        *moves,
        *(f"{count(number, noun)} deleted" for noun, number in deleted.items()),
        *([f"{count(recreated, 'object')} recreated"] if recreated else []),
        *(f"{hosts[effect]} {effect}" for effect in (Effect.HAND_OVER, Effect.TAKEOVER) if hosts[effect]),
        *(f"{count(number, noun)} new" for noun, number in created.items()),
    ]


def _noun(unit: Unit) -> str:
    return unit.kind if unit.kind in (SERVICE, HOST) else "object"


def _singular(verb: str) -> str:
    first, space, rest = verb.partition(", ")
    return f"{first}s{space}{rest}"


def _host(change: HostChange) -> str:
    old, new = ("/".join(owner) if owner is not None else "" for owner in (change.before, change.after))
    if not new:
        return f"host {change.address}: no service has it any more; {old} had it"
    if not old:
        return f"host {change.address}: {new} gets it"
    return f"host {change.address}: goes from {old} to {new}"


def _move(move: Move) -> str:
    if not move.after:
        return f"project {move.project}: leaves {move.before} with all its objects"
    return f"project {move.project}: moves from {move.before} to {move.after}; what it has in the old place leaves"


def _first_difference(old: str, new: str) -> tuple[str, str]:
    """Return the first lines that differ, each with its number."""
    one, other = old.splitlines(), new.splitlines()
    at = next((n for n, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), None)
    at = min(len(one), len(other)) if at is None else at
    return tuple(f"line {at + 1}: {lines[at] if at < len(lines) else ABSENT}" for lines in (one, other))  # type: ignore[return-value]


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"

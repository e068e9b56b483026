"""Equal changes as one: the same differences of many services, apart from the names of the services themselves."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from generator.core.regex import regex
from generator.review.effect import Effect
from generator.review.units import HOST, SERVICE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from generator.review.units import Unit

# The hash that kustomize adds to the name of a generated ConfigMap.
_HASH: Final = regex(r"-config-[0-9a-z]{10}\b")


class ChangeCluster(Struct, frozen=True):
    """Changes that are equal: the first of them is the example."""

    units: tuple[Unit, ...]

    @property
    def example(self) -> Unit:
        """The change that stands for all of them."""
        return self.units[0]

    @property
    def pods(self) -> int:
        """The number of pods of all of them."""
        return sum(unit.pods for unit in self.units)


class Count(Struct, frozen=True):
    """The services and pods of one environment on which a change has an effect."""

    services: int
    pods: int


def clusters(found: Iterable[Unit]) -> list[ChangeCluster]:
    """Return the changes, equal ones together, in the order of the first of each."""
    out: dict[object, list[Unit]] = {}
    for unit in found:
        out.setdefault(_signature(unit), []).append(unit)
    return [ChangeCluster(tuple(alike)) for alike in out.values()]


def restarts(found: Iterable[Unit]) -> dict[str, Count]:
    """Return the services whose pods are replaced, and these pods, by environment."""
    services: dict[str, set[object]] = {}
    pods: Counter[str] = Counter()
    for unit in found:
        if unit.effect in (Effect.RESTART, Effect.RECREATE) and unit.pods:
            services.setdefault(unit.environment, set()).add(unit.service or unit.name)
            pods[unit.environment] += unit.pods
    return {environment: Count(len(names), pods[environment]) for environment, names in services.items()}


def _signature(unit: Unit) -> tuple[object, ...]:
    start = unit.effect, unit.environment, unit.kind, unit.moved
    if unit.kind in (SERVICE, HOST):
        return start
    if not unit.objects:
        return (*start, unit.name)
    change = unit.objects[0]
    names = _names(change.service)
    leaves = (
        (_plain(leaf.difference.shown, names), leaf.effect, *_values(unit, index, names))
        for index, leaf in enumerate(change.leaves)
    )
    return (*start, *leaves) if change.leaves or change.derived else (*start, unit.name)


def _values(unit: Unit, index: int, names: tuple[str, ...]) -> tuple[str, str]:
    difference = unit.objects[0].leaves[index].difference
    return _plain(repr(difference.before), names), _plain(repr(difference.after), names)


def _names(service: tuple[str, str, str] | None) -> tuple[str, ...]:
    """Return the names of a service, longest first."""
    return tuple(sorted(set(service or ()), key=len, reverse=True))


def _plain(text: str, names: tuple[str, ...]) -> str:
    """Return a text without what differs between services by itself."""
    if any(name in text for name in names):  # seldom, and compiling a pattern takes longer than all the rest
        text = re.sub("|".join(map(re.escape, names)), "*", text)
    return _HASH.sub("-config-#", text)

"""How much a namespace needs at most: all its services at their maximum, a rollout of all, and the largest takeover.

A takeover runs two versions side by side: the new one begins while the old one still has all its pods. Only one is
counted at a time; a rollout of all at once is what a new default of the platform gives.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from generator.fleet.model import Deployed, Fleet
    from generator.fleet.namespaces import Space
    from generator.fleet.routing import Traffic
    from generator.render.demand import Demand


@dataclass(frozen=True, slots=True)
class Need:
    """How much of one resource a namespace needs, and of what that is the sum; `newcomer` is the takeover's service."""

    steady: Decimal
    rollout: Decimal
    takeover: Decimal
    newcomer: Deployed | None

    @property
    def total(self) -> Decimal:
        """All of it."""
        return self.steady + self.rollout + self.takeover


def need(resource: str, running: Iterable[Demand], successions: Iterable[tuple[Demand, Demand]]) -> Need:
    """The need for a resource, of what runs and of those who took over (the old one, the new one)."""
    running = list(running)
    steady = sum((_of(one.most, resource) for one in running), Decimal(0))
    rollout = sum((_of(one.surge, resource) for one in running), Decimal(0))
    takeovers = _takeovers(resource, running, successions)
    takeover, newcomer = max(takeovers, key=lambda entry: entry[0], default=(Decimal(0), None))
    return Need(steady, rollout, takeover, newcomer)


def present(fleet: Fleet, traffic: Traffic, space: Space) -> tuple[list[Deployed], list[tuple[Deployed, Deployed]]]:
    """The services that run in a namespace, and for each that took over, the one before it with it."""
    here = [d for d in fleet.deployed[space.environment].values() if d.namespace == space.name]
    running = [deployed for deployed in here if traffic.runs(deployed)]
    successions = []
    for rivals in traffic.rivals[space.environment]:
        before = next((rival for rival in rivals.services if not traffic.runs(rival)), None)
        if before is not None and rivals.owner is not None and before.namespace == space.name:
            successions.append((before, rivals.owner))
    return running, successions


def _takeovers(
    resource: str, running: list[Demand], successions: Iterable[tuple[Demand, Demand]]
) -> Iterator[tuple[Decimal, Deployed]]:
    """What each takeover needs beside all that runs, and whose it is."""
    for one in running:  # by a next version of its own size
        yield _of(one.start, resource), one.deployed
    for old, new in successions:
        yield _of(old.start, resource), old.deployed  # a way back
        # The new one just begins, and so is not at its most.
        grown = _of(new.most, resource) + _of(new.surge, resource)
        yield _of(new.start, resource) + _of(old.most, resource) - grown, new.deployed


def _of(amounts: dict[str, Decimal], resource: str) -> Decimal:
    return amounts.get(resource, Decimal(0))

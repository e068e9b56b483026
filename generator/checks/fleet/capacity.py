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

    from generator.fleet.model import Fleet, ServiceInstance
    from generator.fleet.namespaces import Namespace
    from generator.fleet.routing import Routing
    from generator.render.demand import PodRequests


@dataclass(frozen=True, slots=True)
class ResourceNeed:
    """How much of one resource a namespace needs, and of what that is the sum; `newcomer` is the takeover's service."""

    steady: Decimal
    rollout: Decimal
    takeover: Decimal
    newcomer: ServiceInstance | None

    @property
    def total(self) -> Decimal:
        """All of it."""
        return self.steady + self.rollout + self.takeover


def resource_needs(
    resource: str, running: Iterable[PodRequests], successions: Iterable[tuple[PodRequests, PodRequests]]
) -> ResourceNeed:
    """The need for a resource, of what runs and of those who took over (the old one, the new one)."""
    running = list(running)
    steady = sum((_of(one.most, resource) for one in running), Decimal(0))
    rollout = sum((_of(one.surge, resource) for one in running), Decimal(0))
    takeovers = _takeovers(resource, running, successions)
    takeover, newcomer = max(takeovers, key=lambda entry: entry[0], default=(Decimal(0), None))
    return ResourceNeed(steady, rollout, takeover, newcomer)


def quota_usage(
    fleet: Fleet, routing: Routing, space: Namespace
) -> tuple[list[ServiceInstance], list[tuple[ServiceInstance, ServiceInstance]]]:
    """The services that run in a namespace, and for each that took over, the one before it with it."""
    here = [d for d in fleet.instances[space.environment].values() if d.namespace == space.name]
    running = [instance for instance in here if routing.runs(instance)]
    successions = []
    for claims in routing.claims[space.environment]:
        before = next((claimant for claimant in claims.services if not routing.runs(claimant)), None)
        if before is not None and claims.owner is not None and before.namespace == space.name:
            successions.append((before, claims.owner))
    return running, successions


def _takeovers(
    resource: str, running: list[PodRequests], successions: Iterable[tuple[PodRequests, PodRequests]]
) -> Iterator[tuple[Decimal, ServiceInstance]]:
    """What each takeover needs beside all that runs, and whose it is."""
    for one in running:  # by a next version of its own size
        yield _of(one.start, resource), one.instance
    for old, new in successions:
        yield _of(old.start, resource), old.instance  # a way back
        # The new one just begins, and so is not at its most.
        grown = _of(new.most, resource) + _of(new.surge, resource)
        yield _of(new.start, resource) + _of(old.most, resource) - grown, new.instance


def _of(amounts: dict[str, Decimal], resource: str) -> Decimal:
    return amounts.get(resource, Decimal(0))

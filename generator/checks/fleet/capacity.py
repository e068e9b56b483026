"""The largest resource need of a namespace: services at their maximum, a rollout of all, the largest takeover.

A takeover runs two versions side by side: the new one starts while the old one still has all its pods. Only one
takeover is counted at a time. All services are rolled out at once when a default of the platform changes.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from generator.fleet.model import Fleet, ServiceInstance
    from generator.fleet.namespaces import Namespace
    from generator.fleet.routing import Routing
    from generator.render.pod_requests import PodRequests


class ResourceNeed(Struct, frozen=True):
    """How much of one resource a namespace needs, and the parts of that sum.

    `steady` is for all services at their maximum, `rollout` for the pods that rollouts add, `takeover` for the largest
    takeover. `newcomer` is the service of that takeover.
    """

    steady: Decimal
    rollout: Decimal
    takeover: Decimal
    newcomer: ServiceInstance | None

    @property
    def total(self) -> Decimal:
        """The sum of all parts."""
        return self.steady + self.rollout + self.takeover

    def in_units(self, units: int) -> ResourceNeed:
        """Return the same need where so many of the resource are one."""
        return ResourceNeed(self.steady / units, self.rollout / units, self.takeover / units, self.newcomer)


def resource_needs(
    resource: str, running: Iterable[PodRequests], successions: Iterable[tuple[PodRequests, PodRequests]]
) -> ResourceNeed:
    """Return the need for `resource`. `successions` are the takeovers, each as (old service, new service)."""
    running = list(running)
    steady = sum((_of(one.most, resource) for one in running), Decimal(0))
    rollout = sum((_of(one.surge, resource) for one in running), Decimal(0))
    takeovers = _takeovers(resource, running, successions)
    takeover, newcomer = max(takeovers, key=lambda entry: entry[0], default=(Decimal(0), None))
    return ResourceNeed(steady, rollout, takeover, newcomer)


def quota_usage(
    fleet: Fleet, routing: Routing, space: Namespace
) -> tuple[list[ServiceInstance], list[tuple[ServiceInstance, ServiceInstance]]]:
    """Return the services that run in a namespace, and the takeovers in it as pairs (superseded service, owner)."""
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
    """Yield what each possible takeover needs beyond all running services, and the service that it belongs to."""
    for one in running:  # a takeover by a next version of the same size
        yield _of(one.start, resource), one.instance
    for old, new in successions:
        yield _of(old.start, resource), old.instance  # a roll-back
        # The new service starts below its maximum, so its growth is subtracted.
        grown = _of(new.most, resource) + _of(new.surge, resource)
        yield _of(new.start, resource) + _of(old.most, resource) - grown, new.instance


def _of(amounts: dict[str, Decimal], resource: str) -> Decimal:
    return amounts.get(resource, Decimal(0))

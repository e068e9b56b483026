"""The input of a fleet check."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from generator.fleet.load import Specs
    from generator.fleet.model import Fleet, ServiceInstance
    from generator.fleet.routing import Routing

_PROD: Final = "prod"


@dataclass(frozen=True, slots=True)
class CheckContext:
    """The fleet, its routing, the time of the run, and the specs of the base revision if one is given.

    `routing_before` has the hosts of the services that the change since the base revision may affect. A check that
    needs `now`, `base` or `routing_before` reports nothing when it is None.
    """

    fleet: Fleet
    routing: Routing
    now: datetime | None = None
    base: Specs | None = None
    routing_before: Routing | None = None


def bases_and_instances(fleet: Fleet) -> Iterator[ServiceInstance]:
    """Yield each service once as its base and once for each environment in which it is deployed."""
    yield from fleet.bases.values()
    yield from fleet.all_instances()


def starting_instances(fleet: Fleet) -> Iterator[ServiceInstance]:
    """Yield each service in each environment in which its server starts; as its base if there is no such environment.

    In an environment for interactive work, the container runs a shell instead of the server.
    """
    found: set[tuple[str, str, str]] = set()
    for instance in fleet.all_instances():
        if not instance.rules.interactive:
            found.add(instance.service.key)
            yield instance
    yield from (base for key, base in fleet.bases.items() if key not in found)


def production_instances(fleet: Fleet) -> Iterator[ServiceInstance]:
    """Yield each service in each environment of the stage prod."""
    for name, instances in fleet.instances.items():
        if fleet.platform.environments[name].stage == _PROD:
            yield from instances.values()

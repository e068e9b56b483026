"""The input of a fleet check."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

from msgspec import Struct

if TYPE_CHECKING:
    from datetime import datetime

    from generator.checks.fleet.placements import Placements
    from generator.fleet.load import Specs
    from generator.fleet.model import Fleet, ServiceInstance
    from generator.fleet.routing import Routing

_PROD: Final = "prod"


class CheckContext(Struct, frozen=True, dict=True):
    """The fleet, its routing, the time of the run, and the specs of the base revision if one is given.

    `routing_before` has the hosts of the services that the change since the base revision may affect. A check that
    needs `now`, `base` or `routing_before` reports nothing when it is None.
    """

    fleet: Fleet
    routing: Routing
    now: datetime | None = None
    base: Specs | None = None
    routing_before: Routing | None = None

    @cached_property
    def instances(self) -> tuple[ServiceInstance, ...]:
        """Each service in each environment in which it is deployed, superseded ones included."""
        return tuple(self.fleet.all_instances())

    @cached_property
    def placements(self) -> Placements:
        """What backends and node profiles write for requests; checks ask for the same ones."""
        from generator.checks.fleet.placements import Placements

        return Placements(self.fleet)

    @cached_property
    def bases_and_instances(self) -> tuple[ServiceInstance, ...]:
        """Each service as its base, and each in each environment in which it is deployed."""
        return (*self.fleet.bases.values(), *self.instances)

    @cached_property
    def starting_instances(self) -> tuple[ServiceInstance, ...]:
        """Each service in each environment in which its server starts; its base if there is no such environment.

        In an environment for interactive work, the container runs a shell instead of the server.
        """
        started = [instance for instance in self.instances if not instance.rules.interactive]
        found = {instance.service.key for instance in started}
        return (*started, *(base for key, base in self.fleet.bases.items() if key not in found))

    @cached_property
    def production_instances(self) -> tuple[ServiceInstance, ...]:
        """Each service in each environment of the stage prod."""
        environments = self.fleet.platform.environments
        deployed = ((environments[name].stage, entries) for name, entries in self.fleet.instances.items())
        return tuple(one for stage, entries in deployed if stage == _PROD for one in entries.values())

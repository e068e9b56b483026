"""Checks of the capacity plan, after all apps are rendered: one module each, with `ID`, `SEVERITY`, `check(context)`.

They find nothing on a cluster without `pools`. The module's docstring is its manual page, with a snippet that passes
and one that fails. A module is found automatically if its name starts with an id.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

from generator.checks.family import import_checks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.core.finding import Finding, Position, Severity
    from generator.fleet.capacity.plan import ClusterPlan
    from generator.fleet.capacity.pods import Workload
    from generator.fleet.model import Fleet, ServiceInstance


class CapacityContext(Struct, frozen=True):
    """The fleet, and the plans of its clusters with node pools."""

    fleet: Fleet
    plans: tuple[ClusterPlan, ...]

    def instance(self, workload: Workload) -> ServiceInstance:
        """Return the service in its environment that has these pods."""
        environment, *key = workload.service
        project, app, name = key
        return self.fleet.instances[environment][project, app, name]

    def pool_position(self, cluster: str, pool: str) -> Position:
        """Return where a pool is declared."""
        return self.fleet.platform_position("clusters", cluster, "pools", pool)


class CapacityCheck(Protocol):
    """The interface of a check of the capacity plan. `SEVERITY` is the severity of its findings."""

    ID: str
    SEVERITY: Severity

    def check(self, context: CapacityContext, /) -> Iterator[Finding]:
        """Yield the findings."""


@cache
def capacity_checks() -> tuple[CapacityCheck, ...]:
    """Return the checks, which are imported with the first call."""
    return import_checks(__name__, __path__)


def check_capacity(context: CapacityContext) -> list[Finding]:
    """Return the findings of all checks of the capacity plan."""
    return [finding for check in capacity_checks() for finding in check.check(context)] if context.plans else []

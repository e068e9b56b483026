"""P06: the ports of an id must not overlap those of another series.

With the usual expressions, ids of a series from 1000 on have ports of the next series: 20000+10*1000 is 30000.

Passes:

    id: 999
    series: internal

Fails:

    id: 1001
    series: internal
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity, subject_of_port
from generator.fleet.external import external
from generator.fleet.ports import overlapping_series

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.fleet.external import External
    from generator.fleet.model import Fleet, ServiceInstance

ID: Final = "P06"
SEVERITY: Final = Severity.ERROR
# Two services on a port that two series have.
SUPERSEDES: Final = ("P01",)


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield an error for each external port that an id of another series on the cluster can have too."""
    for instance in context.instances:
        given = external(instance)
        if given is not None:
            yield from _ports(context.fleet, instance, given)


def _ports(fleet: Fleet, instance: ServiceInstance, given: External) -> Iterator[Finding]:
    cluster, spec = instance.environment.cluster, instance.service.spec
    for _, port in given.ports:
        other = overlapping_series(given.facts, spec.series, port)
        if other is not None:
            message = (
                f"the port {port} of {spec.series} {spec.id} is also that of {other[0]} {other[1]} "
                f"on the cluster {cluster}"
            )
            hint = f"use a smaller id, or set the expressions of `external.ports` of {cluster} further apart"
            also = (fleet.platform_position("clusters", cluster, "external", "ports", other[0]),)
            place = instance.service.document.position(("id",))
            yield Finding(ID, message, place, hint, also=also, subject=subject_of_port(port, cluster))
            return

"""P06: an id must not run into another series.

With the usual expressions the ids of a series from 1000 on get the ports of the next one: 20000+10*1000 is 30000.

Passes:

    id: 999
    series: internal

Fails:

    id: 1001
    series: internal
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.checks.found import Found
from generator.core.finding import Severity
from generator.fleet.external import external
from generator.fleet.ports import lent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.found import Review
    from generator.fleet.external import External
    from generator.fleet.model import Deployed, Fleet

ID: Final = "P06"
SEVERITY: Final = Severity.ERROR


def check(review: Review) -> Iterator[Found]:
    """Every external port that another series of its cluster gives too."""
    for deployed in review.fleet.running():
        given = external(deployed)
        if given is not None:
            yield from _ports(review.fleet, deployed, given)


def _ports(fleet: Fleet, deployed: Deployed, given: External) -> Iterator[Found]:
    cluster, spec = deployed.place.cluster, deployed.service.spec
    for _, port in given.ports:
        other = lent(given.facts, spec.series, port)
        if other is not None:
            message = (
                f"the port {port} of {spec.series} {spec.id} is also that of {other[0]} {other[1]} "
                f"on the cluster {cluster}"
            )
            hint = f"take a smaller id, or set the expressions of `external.ports` of {cluster} further apart"
            also = (fleet.platform_position("clusters", cluster, "external", "ports", other[0]),)
            yield Found(message, deployed.service.document.position(("id",)), hint, also)
            return

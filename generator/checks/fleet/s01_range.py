"""S01: an autoscaler needs room. `hpa` with a fixed number of replicas does nothing.

Passes:

    replicas: 2~10
    hpa: cpu:50%

Fails:

    replicas: 3
    hpa: cpu:50%
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.checks.found import Found
from generator.core.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.found import Review

ID: Final = "S01"
SEVERITY: Final = Severity.WARNING


def check(review: Review) -> Iterator[Found]:
    """`hpa` beside equal bounds, where an autoscaler would be allowed."""
    for deployed in review.fleet.running():
        asked, rules = deployed.settings.replicas, deployed.rules
        if deployed.settings.hpa and rules.autoscaling and asked is not None and asked.min == asked.max:
            message = f"`hpa` has no effect in {deployed.place.name}: replicas are fixed at {asked.min}"
            yield Found(
                message, deployed.position("replicas"), f"write a range, for example {asked.min}~{asked.min * 2}"
            )

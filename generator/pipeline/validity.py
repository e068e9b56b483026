"""Until when a plan of the same files has the same findings: some compare with the time of the run."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from generator.checks.fleet.h25_standing_canary import time_left
from generator.fleet.canaries import find_canaries

if TYPE_CHECKING:
    from generator.fleet.routing import Routing


def valid_until(routing: Routing, now: datetime) -> datetime:
    """Return when a plan without errors, made at `now`, may get other findings.

    Waivers end with a day of UTC (W02), a canary stands still at a time (H25). A release in the future is an error
    (H02), and a plan that has none gets none by time.
    """
    left = (time_left(canary, now) for canary in find_canaries(routing))
    tomorrow = datetime.combine(now.astimezone(UTC).date() + timedelta(days=1), time(), UTC)
    return min([tomorrow, *(now + span for span in left if span is not None and span >= timedelta())])

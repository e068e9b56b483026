"""W01: a waiver must waive something.

A waiver that is left behind would hide a later finding of the same check, which nobody has looked at. An expired
waiver is reported as expired only (W02).

Passes, for a service that runs in prod without `health`:

    waivers:
      - {check: C28, reason: the server has no health endpoint}

Fails, with a warning:

    health: 8000:/v2/health/ready
    waivers:
      - {check: C28, reason: the server has no health endpoint}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.checks.waivers.permission import refuse
from generator.core.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.waivers import WaiverContext

ID: Final = "W01"
SEVERITY: Final = Severity.WARNING


def check(context: WaiverContext) -> Iterator[Finding]:
    """Yield a warning for each waiver in force that no finding names."""
    used = context.in_use()
    for placed in context.waivers:
        id = placed.waiver.check
        if placed.position in used or not placed.is_stated or placed.is_over(context.today):
            continue
        if not refuse(id, is_platforms=placed.is_platforms) and not context.unacceptable(placed):
            where = f" at {placed.waiver.at}" if placed.waiver.at is not None else ""
            message = f"the waiver of {id} waives nothing: there is no such finding{where}"
            yield Finding(ID, message, placed.position, "remove it", SEVERITY)

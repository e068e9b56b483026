"""W02: a waiver must not have expired.

After its last day, in UTC, a waiver waives nothing: what it waived is reported as it was, errors too. So the check
warns two weeks before. What is rendered does not depend on the day.

Passes, until the middle of February 2027:

    waivers:
      - {check: C24, reason: the demo model changes every day, until: 2027-03-01}

Fails, with a warning, after that day and in the two weeks before it:

    waivers:
      - {check: C24, reason: the demo model changes every day, until: 2027-03-01}
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.waivers import WaiverContext

ID: Final = "W02"
SEVERITY: Final = Severity.WARNING
_NOTICE: Final = timedelta(days=14)
_HINT: Final = "fix what it waives and remove it, or decide again and write a later `until`"


def check(context: WaiverContext) -> Iterator[Finding]:
    """Yield a warning for each waiver that has expired, or will within two weeks."""
    today = context.today
    for placed in context.waivers:
        until = placed.waiver.until
        if today is None or until is None or not placed.is_stated or until - today > _NOTICE:
            continue
        end = "ended" if placed.is_over(today) else "ends"
        result = "it waives nothing any more" if placed.is_over(today) else "then its findings count again"
        yield Finding(
            ID, f"the waiver of {placed.waiver.check} {end} on {until}: {result}", placed.position, _HINT, SEVERITY
        )

"""W04: a change of the platform file's `waivers` is for its owners to decide.

`validate --base REV` judges a change by the waivers that the platform file has in REV, so that nobody can waive with a
change what is the platform's. Merge the change of the waivers first, and then what needs it. Waivers of projects and
services are used as they are in the change: their owners review them.

Passes:

    # waivers that are the same as in REV
    waivers: [{check: Q06, reason: "until the new driver", where: [vision/*]}]

Fails, with a warning, if REV has the waiver above:

    waivers: [{check: Q06, reason: "until the new driver"}]
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity
from generator.spec.files import PLATFORM

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.waivers import WaiverContext

ID: Final = "W04"
SEVERITY: Final = Severity.WARNING
_HINT: Final = f"ask the owners of {PLATFORM}; what needs a new waiver can follow when this is merged"


def check(context: WaiverContext) -> Iterator[Finding]:
    """Yield a warning for each waiver of the platform file that is new or changed, and one if some are removed."""
    if context.base is None or context.base.platform is None:
        return
    before, after = context.base.platform[1].waivers, context.fleet.platform.waivers
    for index, waiver in enumerate(after):
        if waiver not in before:
            position = context.fleet.platform_position("waivers", index)
            yield Finding(ID, f"the waiver of {waiver.check} is new or changed", position, _HINT, SEVERITY)
    if removed := [waiver.check for waiver in before if waiver not in after]:
        message = f"waivers are changed or removed: {', '.join(removed)}"
        yield Finding(ID, message, context.fleet.platform_position("waivers"), _HINT, SEVERITY)

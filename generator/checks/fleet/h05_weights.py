"""H05: a split of 100 % leaves no requests to the service that owns the host.

This is how traffic is cut over to another service while this one stays ready to take it back. It is therefore allowed,
with a warning. A sum of more than 100 % is refused when the value is parsed.

Passes:

    split: resnet50-202208012:20%

Warns:

    split: resnet50-202208012:60%,resnet50-202208013:40%

Fails:

    split: resnet50-202208012:60%,resnet50-202208013:60%
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext

ID: Final = "H05"
SEVERITY: Final = Severity.WARNING


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield a warning for each owner whose split sums to 100 %."""
    for owner in context.routing.owners():
        if sum(share.percent for share in owner.settings.split or ()) == 100:
            message = f"{owner.service.name} owns its host, but its `split` sends all requests elsewhere"
            hint = "nothing to do during a cut-over; the target gets the host for good when it is deployed"
            yield Finding(ID, message, owner.position("split"), hint, severity=SEVERITY)

"""H05: a split that gives everything away leaves nothing to the service that owns the host.

That is how traffic is cut over to another service while this one stays ready to take it back, so it is allowed, and
said. More than 100 % together is refused where the value is read.

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
    """Owners whose split sums to 100 %."""
    for owner in context.routing.owners():
        if sum(share.percent for share in owner.settings.split or ()) == 100:
            message = f"{owner.service.name} owns its host, but its `split` sends all requests elsewhere"
            hint = "when the cut-over is complete, deploy the service that gets the requests, so that it owns the host"
            yield Finding(ID, message, owner.position("split"), hint, severity=SEVERITY)

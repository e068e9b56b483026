"""H21: a client keeps coming to one pod only as long as its requests go to one service.

`traffic: {sticky: …}` chooses among the pods of a service. A `split` chooses the service first, anew for each request,
so a client changes between its pods of both services. Each target needs `sticky` too, or its pods are chosen at random.

Passes:

    traffic: {sticky: {cookie: session}}

Fails:

    traffic: {sticky: {cookie: session}}
    split: chat-2:20%
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext

ID: Final = "H21"
SEVERITY: Final = Severity.WARNING


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield a warning for each owner with sticky clients whose requests are split."""
    for owner in context.routing.owners():
        traffic, split = owner.settings.traffic, owner.settings.split or ()
        total = sum(share.percent for share in split)
        if traffic is None or traffic.sticky is None or not split or (total == 100 and len(split) == 1):
            continue
        message = f"`split` of {owner.service.name} chooses a service anew for each request, despite `sticky`"
        hint = "send chosen clients by a rule of `headers`, or remove `sticky`"
        also = (owner.position("traffic"),)
        yield Finding(ID, message, owner.position("split"), hint, severity=SEVERITY, also=also)

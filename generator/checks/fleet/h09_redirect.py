"""H09: `/` must not redirect to itself, nor to a port that the service does not have.

The rule for `/` ignores the query, so a redirect to a URL whose path is `/` would be redirected again.

Passes:

    host: http://resnet50.example.com/v2/docs?lang=en

Fails:

    host: http://resnet50.example.com/?lang=en
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity
from generator.fleet.routing import redirect_port_index

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext

ID: Final = "H09"
SEVERITY: Final = Severity.ERROR


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield an error for each owner whose `/` redirects to itself, or to a port that the service does not have."""
    for owner in context.routing.owners():
        where = owner.settings.host
        if where is None:
            continue
        if where.path is not None and where.path.partition("?")[0] == "/":
            message = f"found the path {where.path}, which would redirect / to itself"
            yield Finding(ID, message, owner.position("host"), "write another path, or the domain alone")
        if redirect_port_index(owner) is None:
            known = ", ".join(map(str, owner.settings.ports or ()))
            message = f"found the port {where.port} in the host, expected one of the service: {known}"

            yield Finding(ID, message, owner.position("host"), "remove the port, or name one of `ports`")

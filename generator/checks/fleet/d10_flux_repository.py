"""D10: Flux needs the address of the repository, in a form that it accepts.

A GitRepository accepts `https://`, `http://` and `ssh://`, but not the short form of git and scp. Without an address
nothing is rendered for Flux.

Passes:

    delivery: {tool: flux, repository: ssh://git@git.example.com/team/models.git}

Fails:

    delivery: {tool: flux, repository: git@git.example.com:team/models.git}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.checks.fleet.delivery_position import delivery_position
from generator.core.finding import Finding, Severity
from generator.spec.platform import delivery_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext

ID: Final = "D10"
SEVERITY: Final = Severity.ERROR
_SCHEMES: Final = ("https://", "http://", "ssh://")


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield an error for each Flux cluster without an address, or with a short one."""
    for cluster in context.fleet.platform.clusters:
        delivery = delivery_of(context.fleet.platform, cluster)
        if delivery.tool != "flux":
            continue
        if delivery.repository is None:
            message = f"Flux delivers to {cluster}, but `delivery` has no `repository`"
            hint = "add `repository` to `delivery`, with the https:// or ssh:// address of this repository"
            yield Finding(ID, message, delivery_position(context.fleet, cluster, "tool"), hint)
        elif not delivery.repository.startswith(_SCHEMES):
            host, _, path = delivery.repository.partition(":")
            message = f"Flux does not read the short address {delivery.repository}"
            hint = f"write ssh://{host}/{path}"
            yield Finding(ID, message, delivery_position(context.fleet, cluster, "repository"), hint)

"""H09: `/` must not redirect to itself, to a port that the service does not have, or to another service's path.

The rule for `/` ignores the query, so a redirect to a URL whose path is `/` would be redirected again. With `path: /a`,
the same holds for `/a`, and the page is below `/a`: requests for any other page go to another service.

Passes:

    host: http://resnet50.example.com/v2/docs?lang=en

Fails:

    host: http://resnet50.example.com/?lang=en
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity
from generator.fleet.routing import page, path, redirect_port_index
from generator.spec.values.path_prefix import ROOT
from generator.spec.values.ports import numbers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.fleet.model import ServiceInstance

ID: Final = "H09"
SEVERITY: Final = Severity.ERROR


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield an error for each owner whose path redirects to itself, to another path, or to a port it does not have."""
    for owner in context.routing.owners():
        where = owner.settings.host
        if where is None:
            continue
        yield from _astray(owner)
        if redirect_port_index(owner) is None:
            known = ", ".join(map(str, numbers(owner.settings.ports)))
            message = f"found the port {where.port} in the host, expected one of the service: {known}"

            yield Finding(ID, message, owner.position("host"), "remove the port, or name one of `ports`")


def _astray(owner: ServiceInstance) -> Iterator[Finding]:
    opened, to = page(owner), path(owner)
    plain = (opened or "").partition("?")[0]
    if opened is None:
        return
    if plain == to:
        message = f"found the path {opened}, which would redirect {to} to itself"
        yield Finding(ID, message, owner.position("host"), "write another path, or the domain alone")
    elif to != ROOT and not plain.startswith(f"{to}/"):
        message = f"found the page {plain}, expected one below {to}: other requests do not reach {owner.service.name}"
        yield Finding(
            ID,
            message,
            owner.position("host"),
            f"write {to}{plain}, if that is the page",
            also=(owner.position("path"),),
        )

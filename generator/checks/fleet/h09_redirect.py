"""H09: `/` must not redirect to itself, to a port that the service does not have, or to another service's path.

The rule for `/` ignores the query, so a redirect to a URL whose path is `/` would be redirected again. With `path: /a`,
the same holds for `/a`, and the page is below `/a`: requests for any other page go to another service. So they do if
another service of the host has a `path` at or above the page.

Passes:

    host: http://resnet50.example.com/v2/docs?lang=en

Fails:

    host: http://resnet50.example.com/?lang=en
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity
from generator.fleet.routing import host, page, path, redirect_port_index
from generator.spec.values.path_prefix import ROOT
from generator.spec.values.ports import numbers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.fleet.model import ServiceInstance
    from generator.fleet.routing import Routing

ID: Final = "H09"
SEVERITY: Final = Severity.ERROR


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield an error for each owner whose path redirects to itself, to another path, or to a port it does not have."""
    paths = _paths(context.routing)
    for owner in context.routing.owners():
        where = owner.settings.host
        if where is None:
            continue
        yield from _astray(owner)
        yield from _taken(owner, paths)
        if redirect_port_index(owner) is None:
            known = ", ".join(map(str, numbers(owner.settings.ports)))
            message = f"found the port {where.port} in the host, expected one of the service: {known}"

            yield Finding(ID, message, owner.position("host"), "remove the port, or name one of `ports`")


def _paths(routing: Routing) -> dict[tuple[str, str], list[ServiceInstance]]:
    """Return the owners of a path of a host, by environment and host."""
    out: dict[tuple[str, str], list[ServiceInstance]] = {}
    for owner in routing.owners():
        if path(owner) != ROOT:
            out.setdefault((owner.environment.name, host(owner)), []).append(owner)
    return out


def _taken(owner: ServiceInstance, paths: dict[tuple[str, str], list[ServiceInstance]]) -> Iterator[Finding]:
    """Yield an error if the page of an owner is in the longer path of another service."""
    plain = (page(owner) or "").partition("?")[0]
    for other in paths.get((owner.environment.name, host(owner)), ()) if plain else ():
        to = path(other)
        if f"{plain}/".startswith(f"{to}/") and len(to) > len(path(owner)):
            name = other.service.name
            message = f"found the page {plain}, which is below the path {to} of {name}: {name} gets its requests"
            hint, also = "write another page, or the domain alone", (other.position("path"),)
            where = (owner.environment.name,)
            yield Finding(ID, message, owner.position("host"), hint, also=also, environments=where)


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

"""H18: services whose URLs have different paths of one host are not versions of one another.

The path of a URL in `host` is only the page to which `/` redirects; the service gets the whole host. So of two services
with `host: http://models.example.com/a` and `host: http://models.example.com/b`, the newer one takes the host over, and
the other one is removed. A service that the owner names in `split`, `mirror` or `headers` is not reported: it keeps
running. If only one of the two URLs has a path, and they serve different models, that is a warning.

Passes:

    # a-1.yaml                               # b-1.yaml
    host: models.example.com                 host: models.example.com
    path: /a                                 path: /b

Fails:

    # a-1.yaml                               # b-1.yaml
    host: http://models.example.com/a        host: http://models.example.com/b
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity
from generator.fleet.rivals import differ, page_path
from generator.fleet.routes import State
from generator.spec.values.path_prefix import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.fleet.model import ServiceInstance
    from generator.fleet.routes import HostClaims

ID: Final = "H18"
SEVERITY: Final = Severity.ERROR
_LOSERS: Final = (State.SUPERSEDED, State.WAITING, State.UNDECIDED)


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield a finding for each service that loses its host to one whose URL has another path."""
    for entries in context.routing.claims.values():
        for claims in entries:
            first = claims.owner or claims.services[0]
            for claimant in claims.services:
                if claimant is not first and context.routing.state(claimant) in _LOSERS:
                    yield from _apart(claims, first, claimant)


def _apart(claims: HostClaims, first: ServiceInstance, loser: ServiceInstance) -> Iterator[Finding]:
    gained, lost = page_path(first), page_path(loser)
    if differ(first, loser):
        severity = SEVERITY
    elif (gained is None) != (lost is None) and first.service.spec.model != loser.service.spec.model:
        severity = Severity.WARNING
    else:
        return
    names = f"{loser.service.name} and {first.service.name}"
    pages = f"{lost or ROOT} and {gained or ROOT}"
    message = f"{names} have the host {claims.address} with different paths, {pages}: only one of them gets requests"
    yield Finding(
        ID,
        message,
        loser.position("host"),
        _hint(first, loser),
        severity=severity,
        also=(first.position("host"),),
        environments=(loser.environment.name,),
    )


def _hint(first: ServiceInstance, loser: ServiceInstance) -> str:
    """Return how both get requests; the loser keeps the whole host only if the other one gets a path."""
    split = loser if page_path(loser) is not None else first
    key = f"add `path: {page_path(split)}` to {split.service.name}: it then gets only the requests below that path"
    return f"{key}; or, if {first.service.name} replaces {loser.service.name}, write the same `host` in both"

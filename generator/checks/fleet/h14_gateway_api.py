"""H14: what a route may hold where the cluster's routing is that of the Gateway API.

An HTTPRoute has at most 16 rules, and a rule at most 16 back ends and 16 filters; a redirect to a query is not
promised by the specification (Istio serves it: that is a warning);
`traffic` is Istio's (Gateway API reference, HTTPRoute).

Passes:

    host: /v2/docs

Fails, with `routing: gateway-api`:

    traffic: {warmup: 120s}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.checks.found import CheckFinding
from generator.core.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.found import CheckContext
    from generator.fleet.model import ServiceInstance

ID: Final = "H14"
SEVERITY: Final = Severity.ERROR
_MOST: Final = 16


def check(review: CheckContext) -> Iterator[CheckFinding]:
    """Owners on such a cluster that ask for more than an HTTPRoute can say."""
    for owner in review.routing.owners():
        if owner.environment.facts.routing == "gateway-api":
            yield from _too_many(owner)
            where = owner.settings.host
            if where is not None and "?" in (where.path or ""):
                message = f"the redirect to {where.path} has a query: Istio serves it, other gateways may not"
                yield CheckFinding(message, owner.position("host"), "leave out the query", severity=Severity.WARNING)
    for instance in review.fleet.running():
        if instance.environment.facts.routing == "gateway-api" and instance.settings.traffic is not None:
            message = f"`traffic` is a DestinationRule of Istio, and routes of {instance.environment.cluster} are not"
            yield CheckFinding(message, instance.position("traffic"), "remove it, or use `routing: istio`")


def _too_many(owner: ServiceInstance) -> Iterator[CheckFinding]:
    settings, opens = owner.settings, owner.settings.host is not None and owner.settings.host.path is not None
    own = 0 if sum(share.percent for share in settings.split or ()) == 100 else 1
    counts = {
        "headers": ("rules", len(settings.headers or ()) + 1 + opens),
        "split": ("back ends", len(settings.split or ()) + own),
        "mirror": ("filters", len(settings.mirror or ())),
    }
    for key, (what, count) in counts.items():
        if count > _MOST:
            message = f"an HTTPRoute has at most {_MOST} {what}; `{key}` would make it {count}"
            yield CheckFinding(message, owner.position(key), "name fewer services")

"""H14: a route must fit the Gateway API if the cluster's routing uses it.

An HTTPRoute has at most 16 rules, and a rule at most 16 back ends and 16 filters. The specification does not guarantee
a redirect to a path with a query; Istio serves it, so it is a warning. `traffic` needs Istio. `retries` needs Istio's
routes too: with an HTTPRoute, the default of the gateway applies. Source: Gateway API reference, HTTPRoute.

Passes:

    host: /v2/docs

Fails, with `routing: gateway-api`:

    traffic: {warmup: 120s}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity, subject_of_routes
from generator.fleet.routing import page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.fleet.model import ServiceInstance

ID: Final = "H14"
SEVERITY: Final = Severity.ERROR
# The findings that are reported for the rendered route because of the same error.
SUPERSEDES: Final = ("H16", "V01")
_MOST: Final = 16


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield a finding for each setting that an HTTPRoute cannot express, on clusters with Gateway API routing."""
    for finding in _findings(context):
        yield finding.about(subject_of_routes(finding.position.file))


def _findings(context: CheckContext) -> Iterator[Finding]:
    for owner in context.routing.owners():
        if owner.environment.facts.routing == "gateway-api":
            yield from _too_many(owner)
            where = owner.settings.host
            if where is not None and "?" in (where.path or ""):
                message = f"the redirect to {where.path} has a query string, which only Istio supports"
                yield Finding(ID, message, owner.position("host"), "remove the query string", severity=Severity.WARNING)
    for instance in context.instances:
        if instance.environment.facts.routing == "gateway-api" and instance.settings.traffic is not None:
            message = f"`traffic` needs an Istio DestinationRule, which {instance.environment.cluster} does not use"
            yield Finding(ID, message, instance.position("traffic"), "remove it, or use `routing: istio`")
        if instance.environment.facts.routing == "gateway-api" and instance.settings.retries:
            message = f"`retries` has no effect on {instance.environment.cluster}: HTTPRoutes do not name retries"
            hint = "remove it, or use `routing: istio`"
            yield Finding(ID, message, instance.position("retries"), hint, severity=Severity.WARNING)


def _too_many(owner: ServiceInstance) -> Iterator[Finding]:
    settings, opens = owner.settings, page(owner) is not None
    others = (settings.cors is not None) + (settings.path is not None and settings.path.rewrite is not None)
    own = 0 if sum(share.percent for share in settings.split or ()) == 100 else 1
    counts = {
        "headers": ("rules", len(settings.headers or ()) + 1 + opens),
        "split": ("back ends", len(settings.split or ()) + own),
        "mirror": ("filters", len(settings.mirror or ()) + others),
    }
    for key, (what, count) in counts.items():
        if count > _MOST:
            message = f"an HTTPRoute has at most {_MOST} {what}; `{key}` would make it {count}"
            yield Finding(ID, message, owner.position(key), "name fewer services")

"""H04: `headers`, `split` and `mirror` must name services that run beside this one.

A service may name the services that are deployed in the same environment and project. Split and header targets must be
in the same app: the pods of another app may be removed before the route changes. Requests for a target that does not
exist would be answered with 503.

Passes:

    split: resnet50-202208012:20%

Fails, when that service is not deployed in the same environment:

    split: resnet50-202208012:20%
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity
from generator.fleet.routing import by_name
from generator.spec.values.text import closest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.fleet.routes import RouteReference

ID: Final = "H04"
SEVERITY: Final = Severity.ERROR


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield an error for each target that is unknown, not deployed, without pods, of another app, or the source."""
    for reference in context.routing.references:
        found = _missing(context, reference) or _wrong(context, reference)
        if found is not None:
            yield found


def _missing(context: CheckContext, reference: RouteReference) -> Finding | None:
    source, name = reference.source, reference.name
    if reference.to_itself and reference.key != "headers":
        message, hint = (
            f"{reference.key} names the service itself",
            "name another service; this one keeps the remaining requests",
        )
        return Finding(ID, message, reference.position, hint)
    if reference.target is None:
        where = f"in {source.environment.name} beside {source.service.name}"
        message = f"{reference.key} names {name}, which is not deployed {where}"
        hint = closest(name, _beside(context, reference)) or f"deploy {name} there first"
        return Finding(ID, message, reference.position, hint)
    return None


def _wrong(context: CheckContext, reference: RouteReference) -> Finding | None:
    source, name, target = reference.source, reference.name, reference.target
    if target is None or reference.to_itself:
        return None
    if not context.routing.runs(target):
        where = source.environment.name
        message = f"{reference.key} names {name}, which lost its host in {where} to a newer release: it has no pods"
        hint = "name the owner of that host, or give the service a host of its own"
        return Finding(ID, message, reference.position, hint, also=(target.in_environment(),))
    if reference.key != "mirror" and target.service.app != source.service.app:
        message = f"{reference.key} names {name}, which is in the app {target.service.app}"
        hint = "move both into the folder of one app: pods of another app may be deleted before the route changes"
        return Finding(ID, message, reference.position, hint, also=(target.position(),))
    return None


def _beside(context: CheckContext, reference: RouteReference) -> list[str]:
    """Return the services that this one may name: all that run in its namespace except itself."""
    source = reference.source
    named = by_name(context.fleet.instances[source.environment.name].values())
    return [
        name
        for (namespace, name), other in named.items()
        if namespace == source.namespace and other is not source and context.routing.runs(other)
    ]

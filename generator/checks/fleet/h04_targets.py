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

from generator.core.finding import Finding, Severity, subject_of_absence
from generator.core.fix import fix_of
from generator.fleet.routing import by_name
from generator.spec.values.text import closest_name

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
            f"remove it from `{reference.key}`: this service keeps the remaining requests",
        )
        return Finding(ID, message, reference.position, hint)
    if reference.target is None:
        message = f"{reference.key} names {name}, which is not deployed beside {source.service.name}"
        hint = _way_out(context, reference)
        return Finding(
            ID,
            message,
            reference.position,
            hint,
            environments=(source.environment.name,),
            subject=subject_of_absence(name),
            cause=f"{reference.key} {name}",
            fix=fix_of(name, hint),
        )
    return None


def _wrong(context: CheckContext, reference: RouteReference) -> Finding | None:
    source, name, target = reference.source, reference.name, reference.target
    if target is None or reference.to_itself:
        return None
    if not context.routing.runs(target):
        message = f"{reference.key} names {name}, which lost its host to a newer release: it has no pods"
        hint = f"give {name} a host of its own, or remove it from `{reference.key}`"
        return Finding(
            ID,
            message,
            reference.position,
            hint,
            also=(target.in_environment(),),
            environments=(source.environment.name,),
        )
    if reference.key != "mirror" and target.service.app != source.service.app:
        message = f"{reference.key} names {name}, which is in the app {target.service.app}"
        hint = (
            f"name a service in the folder of {source.service.name}: pods of another app may be deleted before the "
            "route changes"
        )
        return Finding(ID, message, reference.position, hint, also=(target.position(),))
    return None


def _way_out(context: CheckContext, reference: RouteReference) -> str:
    """Return a hint that sends no requests to a service that nobody named, and gives no service another's host.

    A name is a misspelt one only if its digits are right: they say which version of a model it is.
    """
    source, name = reference.source, reference.name
    beside = _beside(context, reference)
    known = [service for service in context.fleet.services if service.name == name]
    for service in known:
        if service.project == source.service.project and (
            service.app == source.service.app or reference.key == "mirror"
        ):
            run = f"servegen deploy {name} {source.environment.name} --manual"
            return f"remove it from `{reference.key}`, or run `{run}`: it then runs beside the owner of its host"
    return ("" if known else closest_name(name, beside)) or f"correct the name, or remove it from `{reference.key}`"


def _beside(context: CheckContext, reference: RouteReference) -> list[str]:
    """Return the services that this one may name: all that run in its namespace except itself."""
    source = reference.source
    named = by_name(context.fleet.instances[source.environment.name].values())
    return [
        name
        for (namespace, name), other in named.items()
        if namespace == source.namespace and other is not source and context.routing.runs(other)
    ]

"""S01: an autoscaler needs room. `hpa` with a fixed number of replicas does nothing.

A range without `hpa` (or, with KEDA, `schedule`) gives no autoscaler either: the service keeps the lower number for
ever. Both are reported in environments whose stage has autoscalers, and so is `scaling` of a service that has none.

Passes:

    replicas: 2~10
    hpa: cpu:50%

Fails:

    replicas: 2~10
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity
from generator.fleet.autoscaling import has_autoscaler

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.fleet.model import ServiceInstance

ID: Final = "S01"
SEVERITY: Final = Severity.WARNING


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield a warning for each range and each `hpa` without the other, where the rules allow an autoscaler."""
    for instance in context.instances:
        asked, settings = instance.settings.replicas, instance.settings
        if not instance.rules.autoscaling or asked is None or has_autoscaler(instance):
            continue
        name, least = instance.environment.name, max(asked.min, 1)
        scheduled = settings.scaling is not None and bool(settings.scaling.schedule)
        if asked.min < asked.max and not scheduled:
            message = f"the range has no effect in {name}: without `hpa`, replicas are fixed at {least}"
            hint = f"add for example hpa: cpu:50%, or write {least}"
        elif asked.min == asked.max and (settings.hpa or scheduled):
            key = "hpa" if settings.hpa else "schedule"
            message = f"`{key}` has no effect in {name}: replicas are fixed at {asked.min}"
            hint = f"write a range, for example {asked.min}~{asked.min * 2}"
        else:
            yield from _needless_pace(instance)
            continue
        yield Finding(ID, message, instance.position("replicas"), hint, severity=SEVERITY)


def _needless_pace(instance: ServiceInstance) -> Iterator[Finding]:
    """Yield a warning for a `scaling` of the service itself; in a default it is for services with an autoscaler."""
    if instance.settings.scaling is None:
        return
    position = instance.position("scaling")
    if position.file == instance.service.document.file:
        message = f"`scaling` has no effect in {instance.environment.name}: no autoscaler changes the replicas"
        hint = "remove it, or add `hpa` and a range of replicas"
        yield Finding(ID, message, position, hint, severity=SEVERITY)

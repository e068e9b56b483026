"""S01: an autoscaler needs room. `hpa` with a fixed number of replicas does nothing.

A range without `hpa` gives no autoscaler either: the service keeps the lower number for ever. Both are reported in
environments whose stage has autoscalers.

Passes:

    replicas: 2~10
    hpa: cpu:50%

Fails:

    replicas: 2~10
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext

ID: Final = "S01"
SEVERITY: Final = Severity.WARNING


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield a warning for each range and each `hpa` without the other, where the rules allow an autoscaler."""
    for instance in context.fleet.all_instances():
        asked = instance.settings.replicas
        if not instance.rules.autoscaling or asked is None or bool(instance.settings.hpa) == (asked.min < asked.max):
            continue
        name = instance.environment.name
        if instance.settings.hpa:
            message = f"`hpa` has no effect in {name}: replicas are fixed at {asked.min}"
            hint = f"write a range, for example {asked.min}~{asked.min * 2}"
        else:
            message = f"the range has no effect in {name}: without `hpa`, replicas are fixed at {asked.min}"
            hint = f"add for example hpa: cpu:50%, or write {asked.min}"
        yield Finding(ID, message, instance.position("replicas"), hint, severity=SEVERITY)

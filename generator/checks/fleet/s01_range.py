"""S01: an autoscaler needs room. `hpa` with a fixed number of replicas does nothing.

Passes:

    replicas: 2~10
    hpa: cpu:50%

Fails:

    replicas: 3
    hpa: cpu:50%
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
    """Yield a warning for each `hpa` beside equal bounds, in environments whose rules allow an autoscaler."""
    for instance in context.fleet.all_instances():
        asked, rules = instance.settings.replicas, instance.rules
        if instance.settings.hpa and rules.autoscaling and asked is not None and asked.min == asked.max:
            message = f"`hpa` has no effect in {instance.environment.name}: replicas are fixed at {asked.min}"
            yield Finding(
                ID,
                message,
                instance.position("replicas"),
                f"write a range, for example {asked.min}~{asked.min * 2}",
                severity=SEVERITY,
            )

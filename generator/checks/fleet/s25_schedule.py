"""S25: the numbers of a schedule lie between the bounds of `replicas`.

KEDA never goes below the minimum nor above the maximum, so that a smaller or larger number in `schedule` has no effect.

Passes:

    replicas: 0~4
    scaling: {schedule: "9~21:1,21~9:0"}

Fails:

    replicas: 1~4
    scaling: {schedule: "9~21:6,21~9:0"}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity
from generator.fleet.autoscaling import autoscaler_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext

ID: Final = "S25"
SEVERITY: Final = Severity.ERROR


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield an error for each number of a schedule that the replicas do not allow."""
    for instance in context.instances:
        scaling, asked = instance.settings.scaling, instance.settings.replicas
        if scaling is None or not scaling.schedule or asked is None or autoscaler_of(instance) != "keda":
            continue
        place, where = instance.position("scaling", "schedule"), (instance.environment.name,)
        also = (instance.position("replicas"),)
        numbers = [span.pods for span in scaling.schedule]
        if min(numbers) < asked.min:
            message = f"found {min(numbers)} pods in the schedule, but at least {asked.min} run"
            hint = f"write replicas: {min(numbers)}~{asked.max}, or a larger number into the schedule"
            yield Finding(ID, message, place, hint, also=also, environments=where)
        if max(numbers) > asked.max:
            message = f"found {max(numbers)} pods in the schedule, but at most {asked.max} run"
            hint = f"write replicas: {asked.min}~{max(numbers)}, or a smaller number into the schedule"
            yield Finding(ID, message, place, hint, also=also, environments=where)

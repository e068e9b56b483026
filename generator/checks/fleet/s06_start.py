"""S06: `start` needs a delivery tool that ignores the number of replicas.

Argo CD and Flux are told to ignore the number of replicas of an autoscaled Deployment, so that `start` counts at its
creation only. Without such a tool (`delivery` of the platform file), an applied number would take back what the
autoscaler has set, so that the Deployment has none: it starts with one pod, and the autoscaler adds the others.

Passes, with delivery: {tool: argocd}:

    replicas: {min: 2, max: 10, start: 6}
    hpa: cpu:50%

Fails, without delivery:

    replicas: {min: 2, max: 10, start: 6}
    hpa: cpu:50%
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity
from generator.fleet.autoscaling import has_autoscaler

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext

ID: Final = "S06"
SEVERITY: Final = Severity.WARNING


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield a warning for each `start` of an autoscaled service where no tool ignores the number of replicas."""
    for instance in context.instances:
        asked = instance.settings.replicas
        if instance.environment.tool != "none" or asked is None or asked.start is None:
            continue
        if has_autoscaler(instance):
            name = instance.environment.name
            message = f"`start` has no effect in {name}: no delivery tool ignores the number of replicas there"
            hint = "remove start, or name the tool that applies `rendered/` in `delivery` of the platform file"
            yield Finding(ID, message, instance.position("replicas"), hint, severity=SEVERITY)

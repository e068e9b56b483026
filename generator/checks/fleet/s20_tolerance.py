"""S20: `scaling.tolerance` needs Kubernetes 1.35.

Older API servers drop the field or refuse it, so that the autoscaler works with the tolerance of the cluster, usually
10 % (Kubernetes documentation, Feature Gates, HPAConfigurableTolerance). servegen leaves the field out there.

Passes, on a cluster with kubernetes: "1.36":

    scaling: {tolerance: 5%}

Fails, on a cluster with kubernetes: "1.34":

    scaling: {tolerance: 5%}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity
from generator.fleet.autoscaling import has_autoscaler, minor_of
from generator.spec.scaling import TOLERANCE_SINCE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext

ID: Final = "S20"
SEVERITY: Final = Severity.WARNING


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield a warning for each autoscaler with a tolerance on a cluster that does not have the field."""
    for instance in context.instances:
        asked = instance.settings.scaling
        if asked is None or asked.tolerance is None or not has_autoscaler(instance):
            continue
        if minor_of(instance) < TOLERANCE_SINCE:
            cluster = instance.environment.cluster
            message = f"`tolerance` has no effect on the cluster {cluster}, which has Kubernetes"
            message += f" {instance.environment.facts.kubernetes}, expected 1.35 or later"
            also = (context.fleet.platform_position("clusters", cluster, "kubernetes"),)
            place = instance.position("scaling", "tolerance")
            where = (instance.environment.name,)
            yield Finding(ID, message, place, "remove it, or upgrade the cluster", SEVERITY, also, environments=where)

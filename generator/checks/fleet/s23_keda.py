"""S23: KEDA sets the number of pods only where the cluster has it, and a schedule needs it.

The platform file says that a cluster has KEDA: `autoscaler: keda` for all services, or `keda: {}` for those that choose
it. Elsewhere the API server does not know the kind ScaledObject. A HorizontalPodAutoscaler has no hours of the day.

Passes, on a cluster with `keda: {time_zone: Asia/Shanghai}`:

    replicas: 1~10
    scaling: {autoscaler: keda, schedule: 9~21:4}

Fails, on a cluster without KEDA:

    replicas: 1~10
    hpa: cpu:50%
    scaling: {schedule: 9~21:4}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity
from generator.fleet.autoscaling import has_keda, has_room

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.fleet.model import ServiceInstance
    from generator.spec.platform import Cluster
    from generator.spec.scaling import Scaling

ID: Final = "S23"
SEVERITY: Final = Severity.ERROR


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield an error for each service that needs KEDA where there is none, or beside an autoscaler of Kubernetes."""
    for instance in context.instances:
        scaling = instance.settings.scaling
        if scaling is not None and has_room(instance):
            yield from _missing(instance, scaling, instance.environment.facts)


def _missing(instance: ServiceInstance, scaling: Scaling, facts: Cluster) -> Iterator[Finding]:
    cluster, where = instance.environment.cluster, (instance.environment.name,)
    if scaling.autoscaler == "keda" and not has_keda(facts):
        message = f"`autoscaler: keda` needs KEDA, which the cluster {cluster} does not have"
        hint = f"remove it, or add keda: {{}} to the cluster {cluster} in the platform file"
        yield Finding(ID, message, instance.position("scaling", "autoscaler"), hint, environments=where)
    elif scaling.schedule and (scaling.autoscaler or facts.autoscaler) != "keda":
        message = "`schedule` needs KEDA: a HorizontalPodAutoscaler has no hours of the day"
        hint = "write autoscaler: keda" if has_keda(facts) else f"remove it: the cluster {cluster} does not have KEDA"
        yield Finding(ID, message, instance.position("scaling", "schedule"), hint, environments=where)

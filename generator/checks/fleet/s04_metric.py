"""S04: a metric other than cpu and memory needs a source on the cluster, and `gpu` needs a card.

One metric that cannot be fetched stops an autoscaler from scaling down (Kubernetes documentation, Horizontal Pod
Autoscaling), so it is refused before the merge.

Passes, on a cluster with `metrics: {gpu: {name: gpu_utilization}}`:

    hpa: gpu:50%
    resources: {gpu: "0.2(T4)"}

Fails:

    hpa: gpu:50%
    resources: {gpu: 0}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity
from generator.core.fix import fix_of
from generator.fleet.autoscaling import RESOURCE_METRICS, has_autoscaler
from generator.spec.values.text import closest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.fleet.model import ServiceInstance
    from generator.spec.values.hpa import MetricTarget

ID: Final = "S04"
SEVERITY: Final = Severity.ERROR


def check(context: CheckContext) -> Iterator[Finding]:
    """Check each metric of each autoscaler that is rendered."""
    for instance in context.fleet.all_instances():
        if has_autoscaler(instance):
            for target in instance.settings.hpa or ():
                yield from _metric(instance, target)


def _metric(instance: ServiceInstance, target: MetricTarget) -> Iterator[Finding]:
    if target.metric in RESOURCE_METRICS:
        return
    if target.metric not in instance.environment.facts.metrics:
        known = instance.environment.facts.metrics
        hint = closest(target.metric, known) or f"add it to `metrics` of the cluster {instance.environment.cluster}"
        yield Finding(
            ID,
            f"the cluster {instance.environment.cluster} has no metric {target.metric}",
            instance.position("hpa"),
            hint,
            fix=fix_of(target.metric, hint),
        )
    gpu = instance.settings.gpu
    if target.metric == "gpu" and (gpu is None or not (gpu.count or gpu.percent or gpu.memory_mib)):
        message = "`hpa` names gpu, but the service requests no card"
        yield Finding(ID, message, instance.position("hpa"), "remove gpu, or set resources.gpu")

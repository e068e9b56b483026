"""S04: a metric other than cpu and memory needs a source on the cluster, and `gpu` needs a card.

One metric that cannot be fetched stops an autoscaler from scaling down (Kubernetes documentation, Horizontal Pod
Autoscaling), so it is refused before the merge. A metric of the platform file either exists on the cluster (`name`), or
servegen writes its rule: then `prometheus` says into which ConfigMap of prometheus-adapter. KEDA has no such rules: it
needs the query (`exporter` or `series`) and the address of Prometheus. `queue` is the queue of a model server that has
one.

Passes, on a cluster with `metrics: {gpu: {exporter: dcgm}}` and `prometheus: {adapter: monitoring/servegen-metrics}`:

    hpa: gpu:50%
    resources: {gpu: "0.2(T4)"}

Fails:

    hpa: gpu:50%
    resources: {gpu: 0}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity, subject_of_value
from generator.core.fix import fix_of
from generator.fleet.autoscaling import RESOURCE_METRICS, autoscaler_of, has_autoscaler, metric_of
from generator.fleet.metrics import QUEUE
from generator.spec.values.text import closest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.fleet.metrics import Metric
    from generator.fleet.model import ServiceInstance
    from generator.spec.values.hpa import MetricTarget

ID: Final = "S04"
SEVERITY: Final = Severity.ERROR
# An autoscaler is rendered without the metric.
SUPERSEDES: Final = ("S43",)
_ADAPTER: Final = "monitoring/servegen-metrics"
_ADDRESS: Final = "http://prometheus-k8s.monitoring.svc:9090"


def check(context: CheckContext) -> Iterator[Finding]:
    """Check each metric of each autoscaler that is rendered."""
    for instance in context.instances:
        if has_autoscaler(instance):
            for target in instance.settings.hpa or ():
                yield from _metric(instance, target)


def _metric(instance: ServiceInstance, target: MetricTarget) -> Iterator[Finding]:
    if target.metric in RESOURCE_METRICS:
        return
    where, found = (instance.environment.name,), metric_of(instance, target.metric)
    if found is None:
        message, hint = _unknown(instance, target.metric)
        place = instance.position("hpa")
        fix, subject = fix_of(target.metric, hint), subject_of_value(place)
        yield Finding(ID, message, place, hint, environments=where, fix=fix, subject=subject)
    else:
        missing = _unasked(instance, found) if autoscaler_of(instance) == "keda" else _unmade(instance, found)
        if missing:
            message = f"{missing[0]} the metric {target.metric}: {missing[1]}"
            yield Finding(ID, message, instance.position("hpa"), missing[2], environments=where)
    gpu = instance.settings.gpu
    if target.metric == "gpu" and (gpu is None or not (gpu.count or gpu.percent or gpu.memory_mib)):
        message = "`hpa` names gpu, but the service requests no card"
        yield Finding(ID, message, instance.position("hpa"), "remove gpu, or set resources.gpu", environments=where)


def _unknown(instance: ServiceInstance, metric: str) -> tuple[str, str]:
    cluster, written = instance.environment.cluster, instance.environment.facts.metrics.get(metric)
    if written is not None:
        return (
            f"the exporter {written.exporter} has no metric {metric}",
            f"add series to the metric {metric} of the cluster {cluster}, or remove it here",
        )
    if metric == QUEUE and instance.server.queue is not None:
        message = f"the cluster {cluster} has no `prometheus`, which {instance.server.queue.series} needs"
        return message, f"add prometheus: {{adapter: {_ADAPTER}}} to the cluster {cluster}"
    hint = closest(metric, instance.environment.metrics) or f"add it to `metrics` of the cluster {cluster}"
    return f"the cluster {cluster} has no metric {metric}", hint


def _unmade(instance: ServiceInstance, metric: Metric) -> tuple[str, str, str] | None:
    """Return what is missing for the rule of a metric that servegen makes for prometheus-adapter."""
    facts, cluster = instance.environment.facts.prometheus, instance.environment.cluster
    if metric.query is None or (facts is not None and facts.adapter is not None):
        return None
    reason = f"the cluster {cluster} names no ConfigMap of prometheus-adapter"
    return "no rule makes", reason, f"add prometheus: {{adapter: {_ADAPTER}}} to the cluster {cluster}"


def _unasked(instance: ServiceInstance, metric: Metric) -> tuple[str, str, str] | None:
    """Return what is missing for a trigger of KEDA, which asks Prometheus itself."""
    facts, cluster = instance.environment.facts.prometheus, instance.environment.cluster
    if metric.query is None:
        reason = f"the cluster {cluster} has a name for it, and no query"
        return "KEDA cannot ask for", reason, f"add exporter or series to it in `metrics` of the cluster {cluster}"
    if facts is not None and facts.address is not None:
        return None
    reason = f"the cluster {cluster} names no address of Prometheus"
    return "KEDA cannot ask for", reason, f"add prometheus: {{address: {_ADDRESS}}} to the cluster {cluster}"

"""Which services have an autoscaler, in which environment, and where it finds its metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from generator.fleet.metrics import QUEUE, queue_metric

if TYPE_CHECKING:
    from generator.fleet.metrics import Metric
    from generator.fleet.model import ServiceInstance
    from generator.spec.platform import Cluster
    from generator.spec.values.hpa import MetricTarget

RESOURCE_METRICS: Final = ("cpu", "memory")
ZERO_SINCE: Final = (1, 37)
"""Since then a HorizontalPodAutoscaler goes to zero by default: pkg/features of Kubernetes, HPAScaleToZero."""


def autoscaler_of(instance: ServiceInstance) -> Literal["hpa", "keda"] | None:
    """Return what sets the number of replicas, None if nothing does: the stage has to allow it, and there have to be a
    range and what decides about the number."""
    scaling = instance.settings.scaling
    chosen = (scaling.autoscaler if scaling is not None else None) or instance.environment.facts.autoscaler
    scheduled = chosen == "keda" and scaling is not None and bool(scaling.schedule)
    return chosen if has_room(instance) and (instance.settings.hpa or scheduled) else None


def has_keda(cluster: Cluster) -> bool:
    """Return whether KEDA is on a cluster."""
    return cluster.autoscaler == "keda" or cluster.keda is not None


def has_autoscaler(instance: ServiceInstance) -> bool:
    """Return whether an autoscaler sets the number of replicas."""
    return autoscaler_of(instance) is not None


def has_room(instance: ServiceInstance) -> bool:
    """Return whether the stage allows an autoscaler, and the minimum of the replicas is below the maximum."""
    asked = instance.settings.replicas
    return bool(instance.rules.autoscaling) and asked is not None and asked.min < asked.max


def metric_of(instance: ServiceInstance, name: str) -> Metric | None:
    """Return a metric of the service's cluster, or that of its server's queue; None if there is no such metric."""
    own = instance.server.queue if name == QUEUE and instance.environment.facts.prometheus is not None else None
    return instance.environment.metrics.get(name) or (queue_metric(own) if own is not None else None)


def known_targets(instance: ServiceInstance) -> list[MetricTarget]:
    """Return the targets of `hpa` whose metric exists."""
    targets = instance.settings.hpa or ()
    return [one for one in targets if one.metric in RESOURCE_METRICS or metric_of(instance, one.metric) is not None]


def waking_metrics(instance: ServiceInstance) -> list[Metric]:
    """Return the metrics of `hpa` that exist while no pod runs."""
    found = [metric_of(instance, target.metric) for target in known_targets(instance)]
    return [metric for metric in found if metric is not None and metric.kind != "Pods"]


def least_replicas(instance: ServiceInstance) -> int:
    """Return the lower bound of the autoscaler, which is zero only where it can start the first pod again."""
    asked = instance.settings.replicas
    least = asked.min if asked is not None else 1
    if least > 0 or autoscaler_of(instance) == "keda":
        return least
    return 0 if minor_of(instance) >= ZERO_SINCE and waking_metrics(instance) else 1


def minor_of(instance: ServiceInstance) -> tuple[int, int]:
    """Return the version of the cluster's API server, for comparison: (1, 36)."""
    return 1, instance.environment.facts.minor


def placeholder_names(instance: ServiceInstance) -> dict[str, str]:
    """Return the names for the placeholders of metrics."""
    service = instance.service
    return {
        "service": service.name,
        "namespace": instance.namespace,
        "project": service.project,
        "environment": instance.environment.name,
    }

"""Which services have an autoscaler, in which environment, and where it finds its metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from generator.fleet.model import ServiceInstance
    from generator.spec.metric_source import MetricSource
    from generator.spec.values.hpa import MetricTarget

RESOURCE_METRICS: Final = ("cpu", "memory")


def has_autoscaler(instance: ServiceInstance) -> bool:
    """Return whether an autoscaler sets the number of replicas: the stage allows it, and there is a range and `hpa`."""
    return has_room(instance) and bool(instance.settings.hpa)


def has_room(instance: ServiceInstance) -> bool:
    """Return whether the stage allows an autoscaler, and the minimum of the replicas is below the maximum."""
    asked = instance.settings.replicas
    return bool(instance.rules.autoscaling) and asked is not None and asked.min < asked.max


def source_of(instance: ServiceInstance, metric: str) -> MetricSource | None:
    """Return where the cluster has a metric, None if it does not have it."""
    return instance.environment.facts.metrics.get(metric)


def known_targets(instance: ServiceInstance) -> list[MetricTarget]:
    """Return the targets of `hpa` whose metric exists."""
    targets = instance.settings.hpa or ()
    return [one for one in targets if one.metric in RESOURCE_METRICS or source_of(instance, one.metric) is not None]


def minor_of(instance: ServiceInstance) -> tuple[int, int]:
    """Return the version of the cluster's API server, for comparison: (1, 36)."""
    major, minor = instance.environment.facts.kubernetes.split(".")
    return int(major), int(minor)

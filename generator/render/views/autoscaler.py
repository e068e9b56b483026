"""The autoscaler of a service: its bounds, its metrics and its pace.

Source: Kubernetes API reference, autoscaling/v2. The metrics are in one fixed order, because otherwise Argo CD shows a
permanent difference (argoproj/argo-cd#1079).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.fleet.autoscaling import (
    RESOURCE_METRICS,
    autoscaler_of,
    known_targets,
    least_replicas,
    metric_of,
    minor_of,
    placeholder_names,
)
from generator.render.views.context import CONTAINER
from generator.spec.metric_source import fill
from generator.spec.scaling import TOLERANCE_SINCE, Scaling, Tolerances, Windows
from generator.spec.values.pace import Step

if TYPE_CHECKING:
    from generator.fleet.metrics import Metric
    from generator.fleet.model import ServiceInstance
    from generator.render.views.context import ServiceContext
    from generator.spec.values.hpa import MetricTarget
    from generator.spec.values.pace import Pace
    from generator.spec.values.replicas import Replicas

# Doubling each minute follows a rise of the load; one pod in two minutes, after five quiet ones, avoids a flap.
_UP: Final = (Step(100, percent=True, seconds=60), Step(2, percent=False, seconds=60))
_DOWN: Final = (Step(1, percent=False, seconds=120),)
QUIET_SECONDS: Final = 300
_NO_SCALING, _NO_WINDOWS, _NO_TOLERANCES = Scaling(), Windows(), Tolerances()


def horizontal(context: ServiceContext) -> bool:
    """Whether a HorizontalPodAutoscaler of our own sets the number of pods."""
    return autoscaler_of(context.instance) == "hpa"


def min_replicas(context: ServiceContext) -> int:
    """The autoscaler's lower bound."""
    return least_replicas(context.instance)


def max_replicas(context: ServiceContext) -> int:
    """The autoscaler's upper bound."""
    return _asked(context.instance).max


def metrics(context: ServiceContext) -> list[dict[str, Any]]:
    """The autoscaler's metrics: cpu, memory, then those of the cluster's adapter."""
    return [_metric(context.instance, target) for target in known_targets(context.instance)]


def behavior(context: ServiceContext) -> dict[str, Any]:
    """How fast the autoscaler changes the number of pods, and by how much a metric may differ from its target."""
    asked = context.instance.settings.scaling or _NO_SCALING
    windows, tolerances = asked.stabilize or _NO_WINDOWS, asked.tolerance or _NO_TOLERANCES
    if minor_of(context.instance) < TOLERANCE_SINCE:
        tolerances = _NO_TOLERANCES
    down = QUIET_SECONDS if windows.down is None else windows.down
    return {
        "scaleUp": _direction(_UP if asked.up is None else asked.up, windows.up or 0, tolerances.up),
        "scaleDown": _direction(_DOWN if asked.down is None else asked.down, down, tolerances.down),
    }


def _direction(pace: Pace, window: int, tolerance: int | None) -> dict[str, Any]:
    rules: dict[str, Any] = {"stabilizationWindowSeconds": window, "selectPolicy": "Max" if pace else "Disabled"}
    if pace:
        rules["policies"] = [
            {"type": "Percent" if step.percent else "Pods", "value": step.value, "periodSeconds": step.seconds}
            for step in pace
        ]
    if tolerance is not None:
        rules["tolerance"] = _thousandths(tolerance)
    return rules


def _asked(instance: ServiceInstance) -> Replicas:
    asked = instance.settings.replicas
    assert asked is not None  # the shipped defaults set it, and nothing can remove it
    return asked


def _metric(instance: ServiceInstance, target: MetricTarget) -> dict[str, Any]:
    if target.metric in RESOURCE_METRICS:
        utilization = {"type": "Utilization", "averageUtilization": int(target.amount)}
        # Of the pod as a whole, the requests of each sidecar would count too, or, if missing, stop the autoscaler.
        resource = {"name": target.metric, "container": CONTAINER, "target": utilization}
        return {"type": "ContainerResource", "containerResource": resource}
    metric = metric_of(instance, target.metric)
    assert metric is not None  # as for all known targets
    return _named(metric, target, placeholder_names(instance))


def _named(metric: Metric, target: MetricTarget, names: dict[str, str]) -> dict[str, Any]:
    identifier: dict[str, Any] = {"name": metric.name}
    if metric.selector:
        identifier["selector"] = {"matchLabels": {key: fill(value, names) for key, value in metric.selector.items()}}
    key = "averageValue" if metric.target == "AverageValue" else "value"
    entry = {"metric": identifier, "target": {"type": metric.target, key: _scaled(target, metric.scale)}}
    if metric.described is not None:
        one = metric.described
        reference = {"apiVersion": one.api_version, "kind": one.kind, "name": fill(one.name, names)}
        entry = {"describedObject": reference, **entry}
    return {"type": metric.kind, metric.kind.lower(): entry}


def _scaled(target: MetricTarget, scale: int) -> str:
    """Return a percentage in the metric's own scale, as a canonical quantity: 50 % of 1 is 500m."""
    return _thousandths(int(target.amount) * scale * 10) if target.percent else target.amount


def _thousandths(number: int) -> str:
    return str(number // 1000) if number % 1000 == 0 else f"{number}m"

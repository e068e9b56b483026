"""How many replicas run, who decides it, and how they are replaced.

Source: Kubernetes API reference, autoscaling/v2 and policy/v1. The metrics are in one fixed order, because Argo CD
shows a permanent difference otherwise (argoproj/argo-cd#1079).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.render.views import service
from generator.render.views.pod import CONTAINER

if TYPE_CHECKING:
    from generator.fleet.model import Deployed
    from generator.render.views.subject import Subject
    from generator.spec.platform import MetricSource
    from generator.spec.values.hpa import Target
    from generator.spec.values.replicas import Replicas

RESOURCE_METRICS: Final = ("cpu", "memory")
# How Argo CD and Flux know the Deployments whose count is not theirs (generator/render/delivery/).
AUTOSCALED: Final = {"servegen/replicas": "autoscaled"}


def replicas(subject: Subject) -> int:
    """The Deployment's count. Under an autoscaler it counts at creation only: delivery ignores it afterwards."""
    deployed = subject.deployed
    asked = _asked(deployed)
    if deployed.rules.replicas == "one":
        return 1
    if autoscaled(subject) and asked.start is not None:
        return asked.start
    return asked.min


def autoscaled(subject: Subject) -> bool:
    """Whether an autoscaler decides: the stage allows it, the range is open, and the spec says by what."""
    deployed = subject.deployed
    asked = _asked(deployed)
    return bool(deployed.rules.autoscaling) and asked.min < asked.max and bool(deployed.settings.hpa)


def object_annotations(subject: Subject) -> dict[str, str]:
    """The Deployment's annotations: the service's, and what tells Argo CD and Flux that the count is not theirs."""
    told = AUTOSCALED if subject.deployed.place.tool != "none" and autoscaled(subject) else {}
    return {**service.object_annotations(subject), **told}


def min_replicas(subject: Subject) -> int:
    """The autoscaler's lower bound."""
    return _asked(subject.deployed).min


def max_replicas(subject: Subject) -> int:
    """The autoscaler's upper bound."""
    return _asked(subject.deployed).max


def disruption_budget(subject: Subject) -> bool:
    """Whether a drain may take one replica at a time only."""
    return bool(subject.deployed.rules.disruption_budget)


def strategy(subject: Subject) -> dict[str, Any]:
    """How pods are replaced. Spare GPUs are rare: with several replicas one is taken down first, without one there is a
    gap, so a single replica gets its successor beside it."""
    resources = subject.deployed.settings.resources
    gpu = resources.gpu if resources is not None else None
    scarce = gpu is not None and bool(gpu.count or gpu.percent) and replicas(subject) > 1
    steps = {"maxSurge": 0, "maxUnavailable": 1} if scarce else {"maxSurge": "25%", "maxUnavailable": 0}
    return {"type": "RollingUpdate", "rollingUpdate": steps}


def metrics(subject: Subject) -> list[dict[str, Any]]:
    """The autoscaler's metrics: cpu, memory, then those of the cluster's adapter."""
    deployed = subject.deployed
    targets = [t for t in deployed.settings.hpa or () if t.metric in RESOURCE_METRICS or known_source(deployed, t)]
    return [_metric(deployed, target) for target in targets]


def known_source(deployed: Deployed, target: Target) -> MetricSource | None:
    """Where the cluster finds a metric beside cpu and memory; None where it does not."""
    return deployed.place.facts.metrics.get(target.metric)


def _asked(deployed: Deployed) -> Replicas:
    asked = deployed.settings.replicas
    assert asked is not None  # the shipped defaults set it, and nothing can remove it
    return asked


def _metric(deployed: Deployed, target: Target) -> dict[str, Any]:
    if target.metric in RESOURCE_METRICS:
        utilization = {"type": "Utilization", "averageUtilization": int(target.amount)}
        # With a sidecar in the pod, its requests would count too (or, missing, stop the autoscaler).
        if deployed.sidecar is not None:
            resource = {"name": target.metric, "container": CONTAINER, "target": utilization}
            return {"type": "ContainerResource", "containerResource": resource}
        return {"type": "Resource", "resource": {"name": target.metric, "target": utilization}}
    source = known_source(deployed, target)
    assert source is not None  # filtered by metrics()
    value = _scaled(target, source.scale)
    return {
        "type": "Pods",
        "pods": {"metric": {"name": source.name}, "target": {"type": "AverageValue", "averageValue": value}},
    }


def _scaled(target: Target, scale: int) -> str:
    """A percentage in the metric's own scale, as a canonical quantity: 50 % of 1 is 500m."""
    if not target.percent:
        return target.amount
    milli = int(target.amount) * scale * 10
    return str(milli // 1000) if milli % 1000 == 0 else f"{milli}m"

"""S04: a metric beside cpu and memory needs a source on the cluster, and `gpu` needs a card.

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

from generator.checks.found import Found
from generator.core.finding import Severity
from generator.render.views.scaling import RESOURCE_METRICS, known_source
from generator.spec.values.text import closest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.found import Review
    from generator.fleet.model import Deployed
    from generator.spec.values.hpa import Target

ID: Final = "S04"
SEVERITY: Final = Severity.ERROR


def check(review: Review) -> Iterator[Found]:
    """Every metric of every autoscaler that is rendered."""
    for deployed in review.fleet.running():
        asked = deployed.settings.replicas
        if deployed.rules.autoscaling and asked is not None and asked.min < asked.max:
            for target in deployed.settings.hpa or ():
                yield from _metric(deployed, target)


def _metric(deployed: Deployed, target: Target) -> Iterator[Found]:
    if target.metric in RESOURCE_METRICS:
        return
    if known_source(deployed, target) is None:
        known = deployed.place.facts.metrics
        hint = closest(target.metric, known) or f"add it to `metrics` of the cluster {deployed.place.cluster}"
        yield Found(
            f"the cluster {deployed.place.cluster} has no metric {target.metric}", deployed.position("hpa"), hint
        )
    gpu = deployed.settings.resources.gpu if deployed.settings.resources is not None else None
    if target.metric == "gpu" and (gpu is None or not (gpu.count or gpu.percent or gpu.memory_mib)):
        message = "`hpa` names gpu, but the service asks for no card"
        yield Found(message, deployed.position("hpa"), "remove gpu, or set resources.gpu")

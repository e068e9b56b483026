"""Replica counts, and the strategy that replaces pods. Source: Kubernetes API reference, apps/v1 and policy/v1."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.fleet.autoscaling import has_autoscaler
from generator.fleet.queues import queue_of
from generator.render.exclusive import exclusive
from generator.render.views import service

if TYPE_CHECKING:
    from generator.fleet.model import ServiceInstance
    from generator.render.views.context import ServiceContext
    from generator.spec.values.replicas import Replicas

# The annotation of the Deployments whose replica count Argo CD and Flux ignore (generator/render/delivery/).
AUTOSCALED: Final = {"servegen/replicas": "autoscaled"}


def replicas(context: ServiceContext) -> int | None:
    """The Deployment's replica count; with an autoscaler, None unless delivery ignores it after the creation.

    A count that is not ignored would take back what the autoscaler has set, with each `kubectl apply`.
    """
    instance = context.instance
    asked = _asked(instance)
    if instance.rules.replicas == "one":
        return 1
    least = max(asked.min, 1)
    if not autoscaled(context):
        return least
    if instance.environment.tool == "none":
        return None
    return asked.start if asked.start is not None else least


def autoscaled(context: ServiceContext) -> bool:
    """Whether an autoscaler sets the count."""
    return has_autoscaler(context.instance)


def object_annotations(context: ServiceContext) -> dict[str, str]:
    """The Deployment's annotations: the service's, and the one that makes the tools ignore the replica count."""
    added = AUTOSCALED if context.instance.environment.tool != "none" and autoscaled(context) else {}
    return {**service.object_annotations(context), **added}


def object_labels(context: ServiceContext) -> dict[str, str]:
    """The labels of the workload: the service's, and those by which Kueue admits its pods."""
    queue, priority = queue_of(context.instance), context.instance.settings.priority
    if queue is None:
        return service.labels(context)
    own = context.instance.environment.facts.priorities or {}
    first = {"kueue.x-k8s.io/priority-class": priority} if priority is not None and priority in own else {}
    return {**service.labels(context), "kueue.x-k8s.io/queue-name": queue, **first}


def disruption_budget(context: ServiceContext) -> bool:
    """Whether a drain may evict only one replica at a time."""
    return bool(context.instance.rules.disruption_budget)


def surges(context: ServiceContext) -> bool:
    """Whether an update starts a new pod beside the old ones.

    What only one pod can hold is free when the old one has ended. Spare cards are rare, so that of several pods with a
    share of a card one ends first, too.
    """
    settings = context.instance.settings
    if settings.update in ("surge", "replace"):
        return settings.update == "surge"
    gpu = settings.gpu
    scarce = gpu is not None and bool(gpu.percent) and not context.placement.elastic and _most(context) > 1
    return not (scarce or exclusive(context))


def strategy(context: ServiceContext) -> dict[str, Any]:
    """The update strategy: a new pod starts beside the old ones, or after an old one has ended.

    One replica with an exclusive claim has ended before: a pod that is ending still writes to it.
    """
    if surges(context):
        return {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": 0}}
    if _most(context) == 1 and exclusive(context).claims:
        return {"type": "Recreate"}
    return {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 0, "maxUnavailable": 1}}


def _most(context: ServiceContext) -> int:
    return _asked(context.instance).max if autoscaled(context) else replicas(context) or 1


def _asked(instance: ServiceInstance) -> Replicas:
    asked = instance.settings.replicas
    assert asked is not None  # the shipped defaults set it, and nothing can remove it
    return asked

"""S24: a service may go to zero pods only if something outside of its pods starts the first one again.

KEDA starts the first pod when a metric has a value or an hour of `schedule` begins. A HorizontalPodAutoscaler starts it
when a metric has a value, from Kubernetes 1.37 on; an older API server refuses `minReplicas: 0` (feature gate
HPAScaleToZero). The metrics of the pods themselves (cpu, memory, the load of cards, the queue of the server) do not
exist while there is none. A Service holds no requests: without a pod, the gateway answers 503. So a metric that wakes
the service should be of what waits elsewhere, such as the queue of a message broker (`kind: External` and
`holds_requests: true` in the platform file), or there is a schedule and nobody calls outside of its hours.

A HorizontalPodAutoscaler takes the largest number that one of its metrics asks for, so `cpu` and `mem` keep the last
pod for as long as it uses some. KEDA removes it when no other trigger is active.

Passes, on a cluster with KEDA:

    replicas: 0~4
    scaling: {schedule: 9~21:1}

Fails:

    replicas: 0~4
    hpa: cpu:50%
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity
from generator.fleet.autoscaling import (
    RESOURCE_METRICS,
    ZERO_SINCE,
    autoscaler_of,
    has_room,
    known_targets,
    minor_of,
    waking_metrics,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.fleet.model import ServiceInstance

ID: Final = "S24"
SEVERITY: Final = Severity.ERROR


def check(context: CheckContext) -> Iterator[Finding]:
    """Check each service whose minimum is zero, in the environments whose stage has autoscalers."""
    for instance in context.instances:
        asked = instance.settings.replicas
        if asked is not None and asked.min == 0 and has_room(instance):
            yield from _zero(instance, f"write 1~{asked.max}")


def _zero(instance: ServiceInstance, least: str) -> Iterator[Finding]:
    place, where, keda = instance.position("replicas"), (instance.environment.name,), autoscaler_of(instance) == "keda"
    waking = waking_metrics(instance)
    if not keda and minor_of(instance) < ZERO_SINCE:
        message = "only KEDA goes to zero pods: a HorizontalPodAutoscaler has at least one before Kubernetes 1.37"
        yield Finding(ID, message, place, f"{least}, or scaling: {{autoscaler: keda}}", environments=where)
        return
    if not waking and not (keda and _wakes_by_hour(instance)):
        message = "nothing starts the first pod: while none runs, its own metrics do not exist"
        hint = f"{least}, or add a {'schedule or a ' if keda else ''}metric of kind External"
        yield Finding(ID, message, place, hint, environments=where)
        return
    if any(not metric.holds_requests for metric in waking):
        message = "nothing holds requests while no pod runs: the gateway answers them with 503"
        hint = f"{least}, or holds_requests: true in the platform file if its callers wait in a queue"
        yield Finding(ID, message, place, hint, Severity.WARNING, environments=where)
    kept = sorted({target.metric for target in known_targets(instance)} & {*RESOURCE_METRICS})
    if kept and not keda:
        message = f"the last pod stays: the autoscaler counts its {' and its '.join(kept)} too"
        hint = f"{least}, or remove them from hpa"
        yield Finding(ID, message, instance.position("hpa"), hint, Severity.WARNING, environments=where)


def _wakes_by_hour(instance: ServiceInstance) -> bool:
    scaling = instance.settings.scaling
    return scaling is not None and any(span.pods for span in scaling.schedule or ())

"""S16: an autoscaler should be able to see more load than its target.

A container cannot use more than its limit. The autoscaler adds replicas when the load is more than a tenth above the
target, as a percentage of the request: with `cpu: 2`, where request and limit are the same, 95 % is a target that no
load exceeds. Memory above the limit ends the container instead.

Source: Kubernetes documentation, Horizontal Pod Autoscaling, Algorithm details (a tolerance of 10 % by default).

Passes:

    hpa: cpu:80%
    resources: {cpu: 2}

Fails:

    hpa: cpu:95%
    resources: {cpu: 2}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity
from generator.fleet.autoscaling import RESOURCE_METRICS
from generator.spec.values.quantity import amount

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.fleet.model import ServiceInstance
    from generator.spec.values.hpa import MetricTarget
    from generator.spec.values.quantity import Amount

ID: Final = "S16"
SEVERITY: Final = Severity.WARNING
_TOLERANCE: Final = 10
_USUAL: Final = 80
_RANGES: Final = {"cpu": "cpu: 1~2", "memory": "memory: 2G~4G"}


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield a warning for each target of an autoscaler that the limit of the container keeps out of reach."""
    for instance in context.fleet.all_instances():
        asked = instance.settings.replicas
        if instance.rules.autoscaling and asked is not None and asked.min < asked.max:
            for target in instance.settings.hpa or ():
                most = _most(instance, target)
                if most is not None and int(target.amount) * (100 + _TOLERANCE) >= most * 100:
                    yield _finding(instance, target, most)


def _most(instance: ServiceInstance, target: MetricTarget) -> int | None:
    """Return the load at the limit, in percent of the request; None if there is none."""
    if target.metric not in RESOURCE_METRICS or not target.percent:
        return None
    asked: Amount | None = getattr(instance.settings.resources, target.metric, None)
    request, limit = (amount(asked.request), amount(asked.limit)) if asked is not None else (None, None)
    return int(100 * limit / request) if request and limit else None


def _finding(instance: ServiceInstance, target: MetricTarget, most: int) -> Finding:
    metric = target.metric
    message = f"the target of {target.amount} % is out of reach: the limit of {metric} is at {most} % of the request"
    hint = f"write at most {most * _USUAL // 100}%, or a range with a higher limit, such as {_RANGES[metric]}"
    also = (instance.position("resources", metric),)
    environments = (instance.environment.name,)
    return Finding(ID, message, instance.position("hpa"), hint, SEVERITY, also=also, environments=environments)

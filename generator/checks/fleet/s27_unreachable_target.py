"""S27: a target of cpu or memory must be below what a container can use.

The percentages of `hpa` are relative to the requests, and a container uses at most its limit. An autoscaler adds pods
when the use is above the target by more than the tolerance, 10 % unless `scaling.tolerance` says otherwise. With equal
request and limit, `cpu:95%` never adds a pod: that would need 104.5 %.

Passes:

    hpa: cpu:80%
    resources: {cpu: 2}

Fails:

    hpa: cpu:150%
    resources: {cpu: 2}
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity
from generator.fleet.autoscaling import RESOURCE_METRICS, has_autoscaler, minor_of
from generator.spec.scaling import TOLERANCE_SINCE
from generator.spec.values.quantity import amount

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.fleet.model import ServiceInstance
    from generator.spec.values.hpa import MetricTarget

ID: Final = "S27"
SEVERITY: Final = Severity.WARNING
# Kubernetes documentation, kube-controller-manager, --horizontal-pod-autoscaler-tolerance: thousandths.
_TOLERANCE: Final = 100


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield a warning for each target that the limit of the container does not let it reach."""
    for instance in context.instances:
        if has_autoscaler(instance):
            for target in instance.settings.hpa or ():
                if target.metric in RESOURCE_METRICS:
                    yield from _unreachable(instance, target)


def _unreachable(instance: ServiceInstance, target: MetricTarget) -> Iterator[Finding]:
    asked = getattr(instance.settings.resources, target.metric, None)
    request, limit = (amount(asked.request), amount(asked.limit)) if asked is not None else (None, None)
    if not request or limit is None:
        return
    most, factor = limit / request * 100, 1 + Decimal(_tolerance(instance)) / 1000
    if int(target.amount) * factor < most:
        return
    best = int(most / factor)
    best -= best * factor >= most
    name = "mem" if target.metric == "memory" else target.metric
    message = f"`hpa` never adds pods for {name}: a container uses at most {int(most)}% of its request"
    hint = f"write at most {name}:{best}%, or a higher limit in resources.{target.metric}"
    also = (instance.position("resources", target.metric),)
    where = (instance.environment.name,)
    yield Finding(ID, message, instance.position("hpa"), hint, SEVERITY, also, environments=where)


def _tolerance(instance: ServiceInstance) -> int:
    scaling = instance.settings.scaling
    own = scaling.tolerance.up if scaling is not None and scaling.tolerance is not None else None
    return _TOLERANCE if own is None or minor_of(instance) < TOLERANCE_SINCE else own

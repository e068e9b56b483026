"""The ScaledObject of a service, from which KEDA makes an autoscaler.

Source: KEDA 2.20, ScaledObject specification, and the scalers cpu, memory, prometheus and cron. The queries are those
that prometheus-adapter gets for a HorizontalPodAutoscaler, for all pods of a service: KEDA divides by their number.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from generator.fleet.autoscaling import (
    RESOURCE_METRICS,
    autoscaler_of,
    known_targets,
    least_replicas,
    metric_of,
    placeholder_names,
)
from generator.render.views.autoscaler import QUIET_SECONDS
from generator.render.views.context import CONTAINER
from generator.spec.metric_query import GROUP, MATCHERS, SERIES
from generator.spec.metric_source import fill
from generator.spec.values.quantity import amount

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.fleet.metrics import Metric, MetricQuery
    from generator.fleet.model import ServiceInstance
    from generator.render.views.context import ServiceContext
    from generator.spec.values.hpa import MetricTarget
    from generator.spec.values.schedule import Hours

# After so many failed queries in a row, the number of pods no longer shrinks.
_FAILURES: Final = 3
# The name of a pod is cut at 63 characters: of 10 are the hash of the template, of 5 that of the pod.
_WHOLE_NAME: Final = 63 - len("-0123456789-01234")


def scales(context: ServiceContext) -> bool:
    """Whether KEDA sets the number of pods."""
    return autoscaler_of(context.instance) == "keda"


def min_replicas(context: ServiceContext) -> int:
    """The lower bound, which may be zero."""
    return least_replicas(context.instance)


def cooldown_seconds(context: ServiceContext) -> int | None:
    """How long the last pod stays without load; None if there always is one, where KEDA warns of the field."""
    instance = context.instance
    if least_replicas(instance):
        return None
    scaling = instance.settings.scaling
    window = scaling.stabilize.down if scaling is not None and scaling.stabilize is not None else None
    return QUIET_SECONDS if window is None else window


def fallback(context: ServiceContext) -> dict[str, Any] | None:
    """What holds while Prometheus does not answer: no pod is removed. It needs a trigger with an average value.

    There is none with a minimum of zero: from 2.19 on, KEDA starts the first pod when a trigger falls back, and the
    metrics of pods fail whenever no pod runs. Without it, no pod is removed either.
    """
    instance = context.instance
    least = least_replicas(instance)
    queried = [metric_of(instance, target.metric) for target in known_targets(instance)]
    if not least or not any(metric is not None and metric.target == "AverageValue" for metric in queried):
        return None
    return {"failureThreshold": _FAILURES, "replicas": least, "behavior": "currentReplicasIfHigher"}


def triggers(context: ServiceContext) -> list[dict[str, Any]]:
    """What decides about the number of pods: cpu, memory, the metrics of Prometheus, then the hours of the day."""
    instance = context.instance
    scaling = instance.settings.scaling
    spans = scaling.schedule or () if scaling is not None else ()
    zone = instance.environment.facts.keda.time_zone if instance.environment.facts.keda is not None else "Etc/UTC"
    return [*_measured(instance), *(_cron(span, zone) for span in spans if span.pods)]


def _measured(instance: ServiceInstance) -> Iterator[dict[str, Any]]:
    for target in known_targets(instance):
        if target.metric in RESOURCE_METRICS:
            metadata = {"value": target.amount, "containerName": CONTAINER}
            yield {"type": target.metric, "metricType": "Utilization", "metadata": metadata}
            continue
        metric = metric_of(instance, target.metric)
        if metric is not None and metric.query is not None:
            yield _prometheus(instance, target, metric, metric.query)


def _prometheus(instance: ServiceInstance, target: MetricTarget, metric: Metric, query: MetricQuery) -> dict[str, Any]:
    facts = instance.environment.facts.prometheus
    metadata = {
        "serverAddress": facts.address if facts is not None and facts.address is not None else "",
        "query": _query(instance, metric, query),
        "threshold": _number(target, metric.scale),
        "ignoreNullValues": "false",
    }
    trigger = {"type": "prometheus", "name": target.metric, "metricType": metric.target, "metadata": metadata}
    if facts is not None and facts.authentication is not None:
        metadata["authModes"] = facts.authentication.modes
        trigger["authenticationRef"] = {"name": facts.authentication.name, "kind": "ClusterTriggerAuthentication"}
    return trigger


def _query(instance: ServiceInstance, metric: Metric, query: MetricQuery) -> str:
    """Return the query for the sum of all pods of a service, or of the series that a selector names."""
    names = placeholder_names(instance)
    matchers = [f'{label}="{fill(value, names)}"' for label, value in metric.selector.items()]
    group = ""
    if metric.kind == "Pods":
        group = query.pod_label
        pods = f'{query.pod_label}=~"{_pod_pattern(instance)}"'
        matchers = [f'{query.namespace_label}="{instance.namespace}"', pods, *matchers]
    text = query.text.replace(SERIES, query.series).replace(MATCHERS, ",".join(matchers)).replace(GROUP, group)
    return f"sum({text})"


def _pod_pattern(instance: ServiceInstance) -> str:
    """Return the names of a Deployment's pods, or of the leaders of groups, and of no other service's."""
    service, nodes = instance.service.name, instance.settings.nodes
    if nodes is not None and nodes.count > 1:
        return f"{service}-[0-9]+"
    rest = "-[a-z0-9]+-[a-z0-9]+" if len(service) <= _WHOLE_NAME else "-[a-z0-9]+(-[a-z0-9]+)?"
    return f"{service}{rest}"


def _number(target: MetricTarget, scale: int) -> str:
    """Return the target as a decimal number: KEDA knows no suffixes."""
    value = Decimal(target.amount) * scale / 100 if target.percent else amount(target.amount) or Decimal(0)
    return f"{value.normalize():f}"


def _cron(span: Hours, zone: str) -> dict[str, Any]:
    start, end = (f"{minute % 60} {minute // 60} * * *" for minute in (span.start, span.end))
    metadata = {"timezone": zone, "start": start, "end": end, "desiredReplicas": str(span.pods)}
    return {"type": "cron", "metadata": metadata}

"""The metrics of a cluster that `hpa` may name, with the queries that make them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from msgspec import Struct, field

from generator.spec.metric_query import DEFAULT_QUERY

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.spec.metric_query import Exporter, QueueMetric
    from generator.spec.metric_source import DescribedObject, MetricSource
    from generator.spec.platform import Cluster

QUEUE: Final = "queue"
"""The name of the metric that a model server itself has."""
# The scale of a metric that has none: its value at 100 %.
_WHOLE: Final = 100


class MetricQuery(Struct, frozen=True):
    """A query of Prometheus for the value of each pod, and the labels that say which pod that is."""

    series: str
    text: str = DEFAULT_QUERY
    namespace_label: str = "namespace"
    pod_label: str = "pod"


class Metric(Struct, frozen=True):
    """A metric under its name in the API for metrics. Without a `query`, something else makes it."""

    name: str
    query: MetricQuery | None = None
    kind: Literal["Pods", "External", "Object"] = "Pods"
    scale: int = _WHOLE
    target: Literal["AverageValue", "Value"] = "AverageValue"
    selector: Mapping[str, str] = field(default_factory=dict)
    described: DescribedObject | None = None
    holds_requests: bool = False


def metrics_of(cluster: Cluster, exporters: Mapping[str, Exporter]) -> dict[str, Metric]:
    """Return the metrics of a cluster by the names that specs use; one of an unknown exporter is left out."""
    found = {name: _metric(cluster, name, source, exporters) for name, source in cluster.metrics.items()}
    return {name: metric for name, metric in found.items() if metric is not None}


def queue_metric(queue: QueueMetric) -> Metric:
    """Return the metric of a model server's own queue. A colon in a name would have to be escaped in URLs."""
    return Metric(queue.series.replace(":", "_"), MetricQuery(queue.series, queue.query))


def _metric(cluster: Cluster, name: str, source: MetricSource, exporters: Mapping[str, Exporter]) -> Metric | None:
    query, called, scale = None, source.name or name, source.scale
    if source.exporter is not None:
        exported = exporters[source.exporter].metrics.get(name) if source.exporter in exporters else None
        if exported is None:
            return None
        prefix = "" if cluster.prometheus is not None and cluster.prometheus.honor_labels else "exported_"
        query = MetricQuery(exported.series, exported.query, f"{prefix}namespace", f"{prefix}pod")
        called, scale = source.name or exported.name, exported.scale if scale is None else scale
    elif source.series is not None:
        query = MetricQuery(source.series, source.query or DEFAULT_QUERY)
    return Metric(
        called,
        query,
        source.kind,
        _WHOLE if scale is None else scale,
        source.target,
        source.selector or {},
        source.object,
        source.holds_requests,
    )

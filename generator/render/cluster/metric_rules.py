"""The rules of prometheus-adapter for the metrics of a cluster, which autoscalers of Kubernetes read.

There is a rule for each metric of the platform file with a query, and for the queue of each model server, whether a
service uses it or not: prometheus-adapter reads its rules when it starts, so that they should rarely change.

Source: prometheus-adapter 0.12, docs/config.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.core.yaml import dump
from generator.fleet.metrics import metrics_of, queue_metric
from generator.render.cluster.manifest_input import ManifestInput
from generator.render.views.service import MANAGED_BY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.fleet.metrics import Metric, MetricQuery
    from generator.render.cluster.manifest_input import ClusterContext

FILE: Final = "metric-rules.yaml"
TEMPLATE: Final = "adapter/configmap.yaml.j2"
# A series outside of pods need not be of the namespace of the service.
_FREE: Final = {"namespaced": False}


def parts(site: ClusterContext) -> Iterator[ManifestInput]:
    """Yield the ConfigMap of a cluster whose platform file names it."""
    facts = site.facts.prometheus
    if facts is not None and facts.adapter is not None:
        values = {"name": facts.adapter.name, "labels": MANAGED_BY, "config": dump(_config(site))}
        origin = site.entry("prometheus", "adapter")
        yield ManifestInput(TEMPLATE, {"rules": values}, facts.adapter.namespace, site.environment, origin)


def _config(site: ClusterContext) -> dict[str, Any]:
    rules: dict[str, dict[str, Any]] = {}
    external: dict[str, dict[str, Any]] = {}
    for metric in _metrics(site):
        if metric.query is not None:
            found, resources = (rules, _of_pods(metric.query)) if metric.kind == "Pods" else (external, _FREE)
            found.setdefault(metric.name, _rule(metric, metric.query, resources))
    config = {"rules": list(rules.values())}
    return {**config, "externalRules": list(external.values())} if external else config


def _metrics(site: ClusterContext) -> Iterator[Metric]:
    catalog = site.fleet.catalog
    yield from metrics_of(site.facts, catalog.exporters).values()
    for server, _ in catalog.servers.values():
        if server.queue is not None:
            yield queue_metric(server.queue)


def _rule(metric: Metric, query: MetricQuery, resources: dict[str, Any]) -> dict[str, Any]:
    labels = ",".join(f'{label}!=""' for label in resources.get("overrides", ()))
    return {
        "seriesQuery": f"{query.series}{{{labels}}}" if labels else query.series,
        "resources": resources,
        "name": {"matches": f"^{query.series}$", "as": metric.name},
        "metricsQuery": query.text,
    }


def _of_pods(query: MetricQuery) -> dict[str, Any]:
    labels = {query.namespace_label: "namespace", query.pod_label: "pod"}
    return {"overrides": {label: {"resource": resource} for label, resource in labels.items()}}

"""S30: each metric of a cluster has its own name.

prometheus-adapter offers a metric by its name, and would answer with either of two rules that have the same one (its
documentation: rules must be mutually exclusive). The names of the queues of model servers count, too.

Passes:

    metrics:
      qps: {series: http_requests_total}
      grpc: {series: grpc_server_handled_total}

Fails:

    metrics:
      qps: {series: http_requests_total, name: requests}
      grpc: {series: grpc_server_handled_total, name: requests}
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Severity
from generator.fleet.metrics import metrics_of, queue_metric

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.checks.context import CheckContext
    from generator.fleet.metrics import MetricQuery
    from generator.fleet.model import Fleet

ID: Final = "S30"
SEVERITY: Final = Severity.ERROR


def check(context: CheckContext) -> Iterator[Finding]:
    """Yield an error for each metric of a cluster that another rule makes under the same name."""
    fleet = context.fleet
    for cluster, facts in fleet.platform.clusters.items():
        if facts.prometheus is None or facts.prometheus.adapter is None:
            continue
        taken = _queues(fleet)
        for key, metric in metrics_of(facts, fleet.catalog.exporters).items():
            if metric.query is None:
                continue
            query, owner = taken.setdefault(metric.name, (metric.query, key))
            if query != metric.query:
                message = f"two rules make the metric {metric.name} of the cluster {cluster}: {owner} and {key}"
                place = fleet.platform_position("clusters", cluster, "metrics", key)
                yield Finding(ID, message, place, f"write another name into {key}")


def _queues(fleet: Fleet) -> dict[str, tuple[MetricQuery, str]]:
    """Return the names of the queues of all servers, with their queries and the types of the servers."""
    found: dict[str, tuple[MetricQuery, str]] = {}
    for type, (server, _) in fleet.catalog.servers.items():
        metric = queue_metric(server.queue) if server.queue is not None else None
        if metric is not None and metric.query is not None:
            found.setdefault(metric.name, (metric.query, type))
    return found

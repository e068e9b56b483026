"""The queries of dashboards: placeholders, series of model servers, and metrics of autoscalers.

A dashboard has the variables `namespace` and `service`. They are written without braces, because Flux can be told to
replace `${name}` in manifests. All windows are those of Grafana: at least four times the
interval of scrapes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.render.request_rates import each_error, each_quantile, each_total, good, quantile, total
from generator.spec import dashboards as placeholders
from generator.spec.metric_query import GROUP, MATCHERS, SERIES

if TYPE_CHECKING:
    from generator.fleet.metrics import MetricQuery
    from generator.spec.dashboards import SignalSeries

WINDOW: Final = "$__rate_interval"
SUFFIX: Final = "[0-9a-z]{6,10}-[0-9a-z]{5}|[0-9]{1,3}"
"""What follows the name of a service in the names of its pods: of a ReplicaSet, or of the leader of a group."""
_WORKER: Final = "[0-9]{1,3}-[0-9]{1,3}"
_SERVICE: Final = {"namespace": "$namespace", "service": "$service"}
_QUANTILES: Final = {"50 %": "0.5", "95 %": "0.95", "99 %": "0.99"}


def matchers(namespace: str = "namespace", pod: str = "pod") -> str:
    """Return what selects the pods of the service by two labels of a series, whatever else Prometheus adds to it."""
    return f'{namespace}="$namespace",{pod}=~"$service-({SUFFIX}|{_WORKER})"'


def fill(query: str) -> str:
    """Return a query of a template with its placeholders replaced."""
    for placeholder, text in _FILLED.items():
        query = query.replace(placeholder, text)
    return query


_FILLED: Final = {
    placeholders.PODS: matchers(),
    placeholders.REQUESTS: total(_SERVICE, WINDOW),
    placeholders.ANSWERED: good(_SERVICE, WINDOW),
    placeholders.P50: quantile(_SERVICE, WINDOW, "0.5"),
    placeholders.P95: quantile(_SERVICE, WINDOW, "0.95"),
    placeholders.P99: quantile(_SERVICE, WINDOW, "0.99"),
    placeholders.EACH_REQUESTS: each_total("$namespace", WINDOW),
    placeholders.EACH_FAILED: each_error("$namespace", WINDOW),
    placeholders.EACH_P95: each_quantile("$namespace", WINDOW, "0.95"),
}


def of_series(entry: SignalSeries) -> dict[str, str]:
    """Return the queries for a series of a signal, by the names of their lines."""
    if entry.quantiles is not None:
        rates = f"sum by (le) ({_rate(entry, f'{entry.quantiles}_bucket')})"
        return {name: _scaled(entry, f"histogram_quantile({part}, {rates})") for name, part in _QUANTILES.items()}
    legend = entry.legend or (f"{{{{{entry.by}}}}}" if entry.by is not None else entry.series)
    return {legend: _scaled(entry, _of_line(entry))}


def of_metric(metric: MetricQuery) -> dict[str, str]:
    """Return the query of a metric of autoscalers, with a line for each pod."""
    filled = metric.text.replace(SERIES, metric.series).replace(GROUP, metric.pod_label)
    own = matchers(metric.namespace_label, metric.pod_label)
    return {f"{{{{{metric.pod_label}}}}}": filled.replace(MATCHERS, own)}


def of_shares(namespace: str, services: list[str]) -> dict[str, str]:
    """Return a query for each service that gets a share of a host: its part of the requests for all of them."""
    rates = [total({"namespace": namespace, "service": service}, WINDOW) for service in services]
    return {service: f"{rate}\n/ (({' + '.join(rates)}) > 0)" for service, rate in zip(services, rates, strict=True)}


def _of_line(entry: SignalSeries) -> str:
    by = f" by ({entry.by}) " if entry.by is not None else ""
    if entry.mean is not None:
        parts = (f"sum{by}({_rate(entry, series or '')})" for series in (entry.mean, entry.per))
        return " / ".join(parts)
    if entry.rate is not None:
        return f"sum{by}({_rate(entry, entry.rate)})"
    return f"{'sum' if entry.sum is not None else 'avg'}{by}({entry.series}{_selector(entry)})"


def _rate(entry: SignalSeries, series: str) -> str:
    return f"rate({series}{_selector(entry)}[{WINDOW}])"


def _selector(entry: SignalSeries) -> str:
    return f"{{{','.join((matchers(), *((entry.where,) if entry.where is not None else ())))}}}"


def _scaled(entry: SignalSeries, query: str) -> str:
    return query if entry.divisor == 1 else f"{query} / {entry.divisor}"

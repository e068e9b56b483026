"""Queries for the requests of services, as gateways and proxies report them.

Those for a place give one value without labels, those for each service of some namespaces a value for each pair of
destination_service_namespace and destination_service_name. A place is a mapping of `namespace` and `service`. A window
is a duration of Prometheus, such as 5m. Rates are requests a second, and those for a place are 0 where there are none:
a service that only fails must not look like one without requests.

Source: Istio, standard metrics; the bounds of its histogram of request durations are those of Envoy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

# Without the errors of the server; 0 is a request that the client gave up.
_SOUND: Final = 'response_code!~"5.."'
_FAILED: Final = 'response_code=~"5.."'
_EACH: Final = "destination_service_namespace, destination_service_name"
_DURATIONS: Final = "istio_request_duration_milliseconds_bucket"
_BOUNDS: Final = (
    *(0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000, 300_000, 600_000, 1_800_000),
    3_600_000,
)


def total(place: Mapping[str, str], window: str) -> str:
    """Return the query for the rate of all requests."""
    return _rate("istio_requests_total", _matchers(place), window)


def good(place: Mapping[str, str], window: str, milliseconds: int | None = None) -> str:
    """Return the query for the rate of requests without an error of the server, and within a time if one is given."""
    if milliseconds is None:
        return _rate("istio_requests_total", f"{_SOUND},{_matchers(place)}", window)
    below, above, part = _between(milliseconds)
    if part == 0:
        return _faster(place, above, window)
    # Within one bucket, requests are taken to be spread evenly, as histogram_quantile does.
    return f"{1 - part:.4g} * {_faster(place, below, window)}\n+ {part:.4g} * {_faster(place, above, window)}"


def quantile(place: Mapping[str, str], window: str, part: str) -> str:
    """Return the query for the time, in milliseconds, within which a part of the requests was answered."""
    return f"histogram_quantile({part}, sum by (le) (rate({_DURATIONS}{{{_matchers(place)}}}[{window}])))"


def each_total(namespaces: str, window: str) -> str:
    """Return the query for the rate of all requests for each service of the namespaces, a regular expression."""
    return f"sum by ({_EACH}) (rate(istio_requests_total{{{_matchers_of(namespaces)}}}[{window}]))"


def each_error(namespaces: str, window: str) -> str:
    """Return the query for the rate of requests with an error of the server; nothing of a service without one."""
    return f"sum by ({_EACH}) (rate(istio_requests_total{{{_FAILED},{_matchers_of(namespaces)}}}[{window}]))"


def each_quantile(namespaces: str, window: str, part: str) -> str:
    """Return the query for the milliseconds within which a part of the requests for each service was answered."""
    rates = f"rate({_DURATIONS}{{{_matchers_of(namespaces)}}}[{window}])"
    return f"histogram_quantile({part}, sum by (le, {_EACH}) ({rates}))"


def _faster(place: Mapping[str, str], bound: float, window: str) -> str:
    return _rate(_DURATIONS, f'le="{bound:g}",{_SOUND},{_matchers(place)}', window)


def _between(milliseconds: int) -> tuple[float, float, float]:
    """Return the bounds of the bucket with a time, and which part of the bucket is faster; 0 for its upper bound."""
    above = next(bound for bound in _BOUNDS if bound >= milliseconds)
    below = max((bound for bound in _BOUNDS if bound < above), default=0)
    return below, above, (milliseconds - below) / (above - below) if above != milliseconds else 0


def _rate(series: str, matchers: str, window: str) -> str:
    return f"(sum(rate({series}{{{matchers}}}[{window}])) or vector(0))"


def _matchers(place: Mapping[str, str]) -> str:
    target = f'destination_service_namespace="{place["namespace"]}",destination_service_name="{place["service"]}"'
    return f'reporter="source",{target}'


def _matchers_of(namespaces: str) -> str:
    return f'reporter="source",destination_service_namespace=~"{namespaces}"'

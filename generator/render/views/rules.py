"""The rules of Prometheus about one service: its objective, its canaries, and the alerts that it silences.

Requests are those that gateways and proxies report (`reporter="source"`), whatever the server itself counts. A burn
rate is how many times faster than allowed errors happen; an alert needs it over a long and a short time, so that it
fires early and ends early. The long times are averages of recorded rates: a range of days over Istio's histograms is
expensive.

Source: Istio, standard metrics; Google, The Site Reliability Workbook, chapter 5, table 5-8.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from generator.core.yaml import dump
from generator.render.request_rates import good, quantile, total
from generator.render.silence import SILENCE, silenceable
from generator.render.views.service import labels, name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.render.views.context import ServiceContext
    from generator.spec.values.objective import Objective

ALERTS: Final = ("Objective", "CanaryFails", "CanarySlow")
"""The names of the alerts that only some services have."""
_TOTAL: Final = "servegen:requests:rate5m"
_GOOD: Final = "servegen:good_requests:rate5m"
# A canary is compared over this time, if it got more requests in a second than this.
_COMPARED: Final = "15m"
_FEW: Final = "0.05"


class _Burn(NamedTuple):
    """Over which times how fast the errors of 30 days are used up, and how bad that is."""

    long: str
    short: str
    factor: str
    severity: str


_BURNS: Final = (
    _Burn("1h", "5m", "14.4", "critical"),
    _Burn("6h", "30m", "6", "critical"),
    _Burn("1d", "2h", "3", "warning"),
    _Burn("3d", "6h", "1", "warning"),
)


def object_labels(context: ServiceContext) -> dict[str, str]:
    """The labels of the service, and those by which Prometheus selects rules."""
    facts = context.instance.environment.facts.monitoring
    return {**labels(context), **(facts.labels if facts is not None else {})}


def file_name(context: ServiceContext) -> str:
    """The name of the ConfigMap with the rules."""
    return f"{name(context)}-rules"


def files(context: ServiceContext) -> dict[str, str]:
    """The rules as a rule file of Prometheus, by its name: collected files are in one folder."""
    found = groups(context)
    return {f"{context.instance.namespace}-{name(context)}.rules.yaml": dump({"groups": found})} if found else {}


def groups(context: ServiceContext) -> list[dict[str, Any]]:
    """The groups of rules: all of one service are evaluated together, in this order."""
    settings = context.instance.settings
    if not context.instance.rules.alerts:
        return []
    rules = [
        *(_record(SILENCE, "vector(1)", context, alert=alert) for alert in settings.silence or ()),
        *(_objective(context, settings.slo) if settings.slo is not None else ()),
        *(rule for share in settings.split or () for rule in _canary(context, share.service)),
    ]
    return [{"name": f"servegen-{context.instance.namespace}-{name(context)}", "rules": rules}] if rules else []


def _objective(context: ServiceContext, objective: Objective) -> Iterator[dict[str, Any]]:
    place = _place(context)
    yield _record(_TOTAL, total(place, "5m"), context)
    yield _record(_GOOD, good(place, "5m", objective.milliseconds), context)
    for burn in _BURNS:
        yield _burn(context, objective, burn)


def _burn(context: ServiceContext, objective: Objective, burn: _Burn) -> dict[str, Any]:
    limit = f"{burn.factor} * {objective.bad.normalize():f}"
    compared = (f"{_bad(context, window)} > {limit}" for window in (burn.long, burn.short))
    summary = f"{{{{ $value | humanizePercentage }}}} of the requests for {name(context)} were bad in {burn.long}."
    return {
        "alert": "ServegenObjective",
        "expr": silenceable("Objective", "\nand ".join(compared)),
        "labels": {**_place(context), "severity": burn.severity, "window": burn.long},
        "annotations": {
            "summary": summary,
            "action": f"The objective is {_shown(objective)}. See which requests fail.",
        },
    }


def _bad(context: ServiceContext, window: str) -> str:
    own = ",".join(f'{key}="{value}"' for key, value in _place(context).items())
    sums = (f"avg_over_time({record}{{{own}}}[{window}])" for record in (_GOOD, _TOTAL))
    return "1 - {} / ({} > 0)".format(*sums)


def _canary(context: ServiceContext, canary: str) -> Iterator[dict[str, Any]]:
    """Yield the alerts that compare a service which gets a share of the requests with the owner of the host."""
    own, other = _place(context), {**_place(context), "service": canary}
    enough = f"{total(other, _COMPARED)} > {_FEW}"
    bad, usual = (f"(1 - {good(place, _COMPARED)} / {total(place, _COMPARED)})" for place in (other, own))
    slow, pace = (quantile(place, _COMPARED, "0.95") for place in (other, own))
    for alert, expression, what in (
        ("CanaryFails", f"{bad} > 2 * ({usual} > 0 or vector(0)) + 0.01", "fails more often than"),
        ("CanarySlow", f"{slow} > 1.5 * {pace}", "is slower (95th percentile) than"),
    ):
        yield {
            "alert": f"Servegen{alert}",
            "expr": silenceable(alert, f"{_labelled(expression, other)}\nand on () {enough}"),
            "for": "5m",
            "labels": {**other, "severity": "warning", "owner": name(context)},
            "annotations": {
                "summary": f"{canary} in {context.instance.namespace} {what} {name(context)}.",
                "action": f"Set its share in `split` of {name(context)} to 0%, or roll it back.",
            },
        }


def _labelled(expression: str, place: dict[str, str]) -> str:
    """Return an expression without labels, with those of a place."""
    for label, value in place.items():
        expression = f'label_replace({expression}, "{label}", "{value}", "", "")'
    return expression


def _place(context: ServiceContext) -> dict[str, str]:
    return {"namespace": context.instance.namespace, "service": name(context)}


def _record(record: str, expression: str, context: ServiceContext, **more: str) -> dict[str, Any]:
    return {"record": record, "expr": expression, "labels": {**_place(context), **more}}


def _shown(objective: Objective) -> str:
    time = f" < {objective.milliseconds}ms" if objective.milliseconds is not None else ""
    return f"{objective.percent.normalize():f}%{time}"

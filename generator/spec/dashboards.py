"""Dashboards for Grafana: what `templates/dashboards/` and the `signals` of a model server say.

`templates/dashboards/service.yaml` has the panels of every service and `fleet.yaml` those of all services of a cluster.
A server adds the signals that it has: its own file names the series, `templates/dashboards/signals/<signal>.yaml` says
what the signal is.

A query may contain the variables of a dashboard ($namespace, $service), `$__rate_interval` of Grafana, and the
placeholders below.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

from generator.core.regex import regex
from generator.spec.base import Field, Spec
from generator.spec.metric_query import SelectedSeries
from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.parser import JsonSchema, Parser
from generator.spec.values.scalars import Bool, Int, Text, text
from generator.spec.values.text import closest, list_known

PODS: Final = "<<.Pods>>"
"""Stands for the matchers of the pods of the service, without braces."""
REQUESTS: Final = "<<.Requests>>"
"""Stands for the rate of the requests for the service, as gateways and proxies count them."""
ANSWERED: Final = "<<.Answered>>"
"""Stands for the rate of those without an error of the server."""
P50: Final = "<<.P50>>"
P95: Final = "<<.P95>>"
P99: Final = "<<.P99>>"
"""Stand for the milliseconds within which 50, 95 and 99 % of them were answered."""
EACH_REQUESTS: Final = "<<.EachRequests>>"
EACH_FAILED: Final = "<<.EachFailed>>"
EACH_P95: Final = "<<.EachP95>>"
"""Stand for the same of each service of the namespaces; failed are those with an error of the server."""
PLACEHOLDERS: Final = (PODS, REQUESTS, ANSWERED, P50, P95, P99, EACH_REQUESTS, EACH_FAILED, EACH_P95)
_FORMS: Final = ("rate", "sum", "average", "quantiles", "mean")
_BRACKETS: Final = regex(r"<<.*?>>")

Unit = Literal["bytes", "ms", "none", "percent", "percentunit", "reqps", "s", "short"]


def expression(value: object) -> str:
    """Check that a query has no other placeholders. Raises InvalidValueError."""
    found = text(value)
    for placeholder in _BRACKETS.findall(found):
        if placeholder not in PLACEHOLDERS:
            hint = closest(placeholder, PLACEHOLDERS) or list_known("placeholders", PLACEHOLDERS)
            raise InvalidValueError(placeholder, "a placeholder of dashboards", hint=hint)
    return found


Expression = Annotated[str, Parser(expression), JsonSchema({"type": "string"})]


class Signal(Spec):
    """What a signal of model servers is: `templates/dashboards/signals/<signal>.yaml`."""

    title: Text
    """The title of its panel."""
    description: Text
    """What people should know who look at it."""
    unit: Unit = "short"
    """The unit of the values, as Grafana names it."""


class SignalSeries(Spec):
    """One series of a signal, and how it is read over all pods of a service."""

    rate: SelectedSeries | None = None
    """A counter: how much it grows in a second, over all pods."""
    sum: SelectedSeries | None = None
    """A gauge: its sum over all pods."""
    average: SelectedSeries | None = None
    """A gauge: its average over all pods."""
    quantiles: SelectedSeries | None = None
    """A histogram, without `_bucket`: what 50, 95 and 99 % of the values do not exceed."""
    mean: SelectedSeries | None = None
    """A counter of amounts: how much it grows for each growth of `per` by one."""
    per: SelectedSeries | None = None
    """The counter to divide `mean` by."""
    where: Text | None = None
    """Further matchers of the series, such as `status="5xx"`."""
    by: Text | None = None
    """The label whose values are shown one by one."""
    divisor: Int = 1
    """What the series is divided by to have the unit of the signal, such as 1000000 for microseconds."""
    legend: Text | None = None
    """The name of the line in the panel."""

    @property
    def series(self) -> str:
        """The name of the series that decides whether there is data: of a histogram, that of its count."""
        if self.quantiles is not None:
            return f"{self.quantiles}_count"
        return self.rate or self.sum or self.average or self.mean or ""

    def check_keys(self) -> None:
        """Raise InvalidValueError unless there is one form, with what it needs."""
        given = [name for name in _FORMS if getattr(self, name) is not None]
        if len(given) != 1:
            found = ", ".join(given or sorted(self.written))
            raise InvalidValueError(found, f"one of {', '.join(_FORMS)}", hint="for example rate: http_requests_total")
        if (self.mean is None) != (self.per is None):
            without = f"remove per, or write mean in place of {given[0]}"
            hint = "add per: the series to divide by" if self.per is None else without
            raise InvalidValueError(given[0], "mean and per together", hint=hint)


class PanelTemplate(Spec):
    """One panel with lines over time."""

    description: Text | None = None
    """What people should know who look at it."""
    unit: Unit = "short"
    """The unit of the values, as Grafana names it."""
    queries: dict[str, Expression] = Field(min_length=1)
    """The queries in PromQL, by the name of their lines, in which {{label}} is replaced."""


class MarkTemplate(Spec):
    """Points in time that all panels show."""

    query: Expression
    """The query in PromQL: there is a mark wherever it has a result."""
    title: Text
    """The text of a mark, in which {{label}} is replaced."""
    color: Text = "blue"
    """Its color."""
    value_is_time: Bool = False
    """Whether the value is the time of the mark, in milliseconds."""


class Dashboard(Spec):
    """The panels of a dashboard: `templates/dashboards/<name>.yaml`."""

    description: Text
    """What it shows, for readers."""
    marks: dict[str, MarkTemplate] = Field(default_factory=dict)
    """The marks by name."""
    rows: dict[str, dict[str, PanelTemplate]] = Field(min_length=1)
    """The panels by title, in rows with titles. The signals of a model server are a row after the first one."""

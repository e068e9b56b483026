"""How a metric is asked of Prometheus: the one place of each query, for prometheus-adapter and for KEDA.

A query has the notation of prometheus-adapter: `<<.Series>>` is the series, `<<.LabelMatchers>>` what selects the pods,
`<<.GroupBy>>` the labels of one pod. Source: prometheus-adapter, docs/config.md.
"""

import re
from typing import Annotated, Final

from generator.core.regex import regex
from generator.spec.base import Field, Spec
from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.parser import JsonSchema, Parser
from generator.spec.values.scalars import Bool, Int, Text, text
from generator.spec.values.text import closest

SERIES: Final = "<<.Series>>"
MATCHERS: Final = "<<.LabelMatchers>>"
GROUP: Final = "<<.GroupBy>>"
DEFAULT_QUERY: Final = f"sum by ({GROUP}) ({SERIES}{{{MATCHERS}}})"
_NAME: Final = regex(r"[A-Za-z_:][A-Za-z0-9_:]*\Z")
_BRACKETS: Final = regex(r"<<.*?>>")


def series(value: object, labels: str = "query") -> str:
    """Check the name of a series of Prometheus; its labels belong into the key `labels`. Raises InvalidValueError."""
    found = text(value)
    if not _NAME.match(found):
        bare = re.match(r"[A-Za-z0-9_:]+(?={)", found)
        hint = f"write {bare[0]}, and its labels into {labels}" if bare else ""
        raise InvalidValueError(value, "the name of a series of Prometheus, such as http_requests_total", hint=hint)
    return found


def query(value: object) -> str:
    """Check that a query has all three placeholders, and no others. Raises InvalidValueError."""
    expected = f"a query such as {DEFAULT_QUERY}"
    found = text(value)
    known = (SERIES, MATCHERS, GROUP)
    for placeholder in _BRACKETS.findall(found):
        if placeholder not in known:
            raise InvalidValueError(placeholder, expected, hint=closest(placeholder, known))
    missing = [placeholder for placeholder in known if placeholder not in found]
    if missing:
        raise InvalidValueError(value, f"{missing[0]} in the query", hint=f"for example {DEFAULT_QUERY}")
    if any(found.count(left) != found.count(right) for left, right in ("()", "[]", "{}")):
        raise InvalidValueError(value, "a query whose parentheses, brackets and braces are closed")
    return found


_SERIES_SCHEMA: Final = JsonSchema({"type": "string", "pattern": "^[A-Za-z_:][A-Za-z0-9_:]*$"})
Series = Annotated[str, Parser(series), _SERIES_SCHEMA]
SelectedSeries = Annotated[str, Parser(lambda value: series(value, "where")), _SERIES_SCHEMA]
"""The name of a series beside a key `where` with its labels."""
Query = Annotated[str, Parser(query), JsonSchema({"type": "string", "pattern": "<<.Series>>"})]


class QueueMetric(Spec):
    """The metric with which a model server says how many requests wait, for `queue` in `hpa`."""

    series: Series
    """The series of Prometheus."""
    query: Query = DEFAULT_QUERY
    """The query for the value of each pod."""
    amount: Text
    """How many requests of each pod should wait at most, as an example for users."""
    option: Text | None = None
    """The option of the server without which no request waits in this queue. Without this key, it always has a
    queue."""


class ExportedMetric(Spec):
    """One metric of an exporter."""

    name: Text
    """The name of the metric in the custom metrics API."""
    series: Series
    """The series of Prometheus."""
    query: Query = DEFAULT_QUERY
    """The query for the value of each pod."""
    scale: Int = 100
    """The value of the metric at 100 %."""


class Exporter(Spec):
    """A program that exports metrics of pods to Prometheus: `templates/metrics/<name>.yaml`."""

    description: Text
    """A one-line description for readers."""
    whole_cards: Bool = False
    """Whether it measures cards and not what each pod does with its share of one."""
    metrics: dict[str, ExportedMetric] = Field(min_length=1)
    """Its metrics, by the name that `hpa` uses. The series have the labels `namespace` and `pod` of the pod that is
    measured."""

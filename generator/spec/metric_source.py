"""`metrics:` of a cluster: where the autoscaler finds a metric that `hpa` names.

Source: Kubernetes API reference, autoscaling/v2, MetricSpec.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

from generator.core.regex import regex
from generator.spec.base import Field, Spec
from generator.spec.keys import Extension
from generator.spec.metric_query import Query, Series
from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.object_name import ObjectName
from generator.spec.values.parser import Before, JsonSchema, Parser
from generator.spec.values.scalars import Bool, Int, Text, label_map, text
from generator.spec.values.text import closest, prefix_errors

PLACEHOLDERS: Final = ("{service}", "{namespace}", "{project}", "{environment}")
_ZONE: Final = regex(r"UTC\Z|[A-Z][A-Za-z]+(?:/[A-Za-z0-9_+-]+){1,2}\Z")
_BRACES: Final = regex(r"\{[^}]*\}?|\}")


def name_with_placeholders(value: object) -> str:
    """Return a name as written; {service} and others of PLACEHOLDERS stand for names. Raises InvalidValueError."""
    found = text(value)
    for braces in _BRACES.findall(found):
        if braces not in PLACEHOLDERS:
            hint = closest(braces, PLACEHOLDERS) or f"known placeholders: {', '.join(PLACEHOLDERS)}"
            raise InvalidValueError(value, "a name, which may hold placeholders such as {service}", hint=hint)
    return found


def selector(value: object) -> dict[str, str]:
    """Check labels whose values may hold placeholders. Raises InvalidValueError."""
    expected = "labels such as {queue: '{service}'}"
    if not isinstance(value, dict) or not value:
        raise InvalidValueError(value, expected)
    for name, item in value.items():
        with prefix_errors(name):
            filled = _BRACES.sub("x", name_with_placeholders(item))
        label_map({name: filled})
    return dict(value)


def fill(pattern: str, names: dict[str, str]) -> str:
    """Return a name with its placeholders replaced; `names` has the names without braces."""
    return _BRACES.sub(lambda found: names[found[0][1:-1]], pattern)


def time_zone(value: object) -> str:
    """Check the form of a name of the IANA database of time zones. Raises InvalidValueError."""
    found = text(value)
    if not _ZONE.match(found):
        raise InvalidValueError(value, "a time zone such as Asia/Shanghai or Etc/UTC")
    return found


TimeZone = Annotated[str, Parser(time_zone), JsonSchema({"type": "string", "pattern": "^[A-Z]"})]
NamePattern = Annotated[str, Parser(name_with_placeholders), JsonSchema({"type": "string"})]
Selector = Annotated[
    dict[str, str],
    Parser(selector),
    JsonSchema({"type": "object", "additionalProperties": {"type": "string"}, "minProperties": 1}),
]


class DescribedObject(Spec):
    """The object that a metric of kind Object describes, in the namespace of the service."""

    api_version: Text = "v1"
    """Its group and version."""
    kind: Text
    """Its kind, such as Service."""
    name: NamePattern = "{service}"
    """Its name. {service}, {namespace}, {project} and {environment} are replaced."""


class MetricSource(Spec):
    """A metric that `hpa` may name: one that the cluster's metrics adapter has already (`name`), or one for which
    servegen writes the rule (`exporter`, or `series`)."""

    name: Text | None = None
    """The name of the metric in the API for metrics: custom.metrics.k8s.io, or external.metrics.k8s.io for External.
    Default with `exporter`: the exporter's; with `series`: the name that `hpa` uses."""
    exporter: Annotated[Text | None, Extension.EXPORTER] = None
    """The exporter that measures it: the name of a file of templates/metrics/, such as dcgm or hami."""
    series: Series | None = Field(default=None, examples=["http_requests_total"])
    """The series of Prometheus from which it is computed."""
    query: Query | None = Field(
        default=None, examples=["sum by (<<.GroupBy>>) (rate(<<.Series>>{<<.LabelMatchers>>}[2m]))"]
    )
    """How it is computed, in the notation of prometheus-adapter. Default: the sum of the series."""
    kind: Literal["Pods", "External", "Object"] = "Pods"
    """What has the metric: each pod (`Pods`), one other object of the namespace (`Object`), or something that is no
    object, such as a queue (`External`)."""
    scale: Int | None = None
    """The value of the metric at 100 %: 100, or 1 if it is a fraction. Default: the exporter's, or 100."""
    target: Literal["AverageValue", "Value"] = "AverageValue"
    """Whether an amount in `hpa` is the part of each pod (`AverageValue`), or the value of the metric (`Value`), which
    is possible for External and Object."""
    selector: Selector | None = Field(default=None, examples=[{"queue": "{service}"}])
    """Labels that the series of the metric must have. {service}, {namespace}, {project} and {environment} are
    replaced."""
    object: DescribedObject | None = Field(default=None, examples=[{"kind": "Service", "name": "{service}"}])
    """The object of a metric of kind Object."""
    holds_requests: Bool = False
    """Whether requests wait outside of the pods while none runs, as in the queue of a message broker."""

    def check_keys(self) -> None:
        """Raise InvalidValueError if the metric has no origin or two, or if its kind does not fit."""
        self._check_origin()
        self._check_kind()

    def _check_origin(self) -> None:
        if self.name is None and self.exporter is None and self.series is None:
            raise InvalidValueError({}, "name, exporter or series", hint="for example exporter: dcgm")
        if self.exporter is not None and (self.series is not None or self.query is not None):
            key = "series" if self.series is not None else "query"
            raise InvalidValueError(key, f"no {key} beside exporter", hint=f"remove {key}, or exporter", at=(key,))
        if self.query is not None and self.series is None:
            raise InvalidValueError(self.query, "series beside query", hint="add series", at=("query",))

    def _check_kind(self) -> None:
        if (self.kind == "Object") != (self.object is not None):
            expected = "the key object" if self.object is None else "kind: Object beside object"
            hint = "for example object: {kind: Service}" if self.object is None else "write kind: Object"
            raise InvalidValueError(self.kind, expected, hint=hint, at=("kind",))
        if self.kind == "Pods" and self.target == "Value":
            hint = "write AverageValue, or another kind"
            raise InvalidValueError("Value", "AverageValue for a metric of pods", hint=hint, at=("target",))
        made = "exporter" if self.exporter is not None else "series"
        if self.kind != "Pods" and (made == "exporter" or (self.kind == "Object" and self.series is not None)):
            expected = "kind Pods beside exporter" if made == "exporter" else "kind Pods or External beside series"
            raise InvalidValueError(self.kind, expected, hint="remove kind", at=("kind",))


class AdapterConfig(Spec):
    """The ConfigMap from which prometheus-adapter reads its rules."""

    name: ObjectName
    """Its name."""
    namespace: ObjectName
    """Its namespace."""


def _name_and_namespace(value: object) -> object:
    if not isinstance(value, str):
        return value
    namespace, slash, name = value.partition("/")
    if not slash:
        raise InvalidValueError(value, "namespace/name, such as monitoring/servegen-metrics")
    return {"namespace": namespace, "name": name}


class PrometheusAuthentication(Spec):
    """How KEDA authenticates itself at Prometheus."""

    name: ObjectName
    """The name of a ClusterTriggerAuthentication."""
    modes: Literal["bearer", "basic", "tls", "custom"] = "bearer"
    """What that contains: the `authModes` of KEDA's trigger."""


class KedaFacts(Spec):
    """KEDA on a cluster."""

    time_zone: TimeZone = Field(default="Etc/UTC", examples=["Asia/Shanghai"])
    """The time zone of `schedule`: a name of the IANA database."""


class PrometheusFacts(Spec):
    """Where the metrics of autoscalers come from."""

    address: Text | None = Field(default=None, examples=["http://prometheus-k8s.monitoring.svc:9090"])
    """The address that KEDA asks."""
    authentication: PrometheusAuthentication | None = Field(default=None, examples=[{"name": "prometheus"}])
    """How KEDA authenticates itself. Default: not at all."""
    adapter: Annotated[AdapterConfig, Before(_name_and_namespace, str | AdapterConfig)] | None = Field(
        default=None, examples=["monitoring/servegen-metrics"]
    )
    """The ConfigMap with the rules of prometheus-adapter, which servegen writes: namespace/name."""
    honor_labels: Bool = False
    """Whether Prometheus keeps the labels `namespace` and `pod` of exporters. By default these become
    `exported_namespace` and `exported_pod`, and `pod` is the pod of the exporter."""

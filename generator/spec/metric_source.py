"""`metrics:` of a cluster: where the autoscaler finds a metric that `hpa` names.

Source: Kubernetes API reference, autoscaling/v2, MetricSpec.
"""

from __future__ import annotations

import re
from typing import Annotated, Final, Literal

from pydantic import Field, PlainValidator, WithJsonSchema, model_validator

from generator.spec.base import Spec
from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.scalars import Int, Text, label_map, text
from generator.spec.values.text import closest, prefix_errors

PLACEHOLDERS: Final = ("{service}", "{namespace}", "{project}", "{environment}")
_BRACES: Final = re.compile(r"\{[^}]*\}?|\}")


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


NamePattern = Annotated[str, PlainValidator(name_with_placeholders), WithJsonSchema({"type": "string"})]
Selector = Annotated[
    dict[str, str],
    PlainValidator(selector),
    WithJsonSchema({"type": "object", "additionalProperties": {"type": "string"}, "minProperties": 1}),
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
    """A metric that the cluster's metrics adapter offers."""

    name: Text
    """The name of the metric in the API for metrics: custom.metrics.k8s.io, or external.metrics.k8s.io for External."""
    kind: Literal["Pods", "External", "Object"] = "Pods"
    """What has the metric: each pod (`Pods`), one other object of the namespace (`Object`), or something outside of the
    cluster (`External`)."""
    scale: Int = 100
    """The value of the metric at 100 %: 100, or 1 if the adapter reports a fraction."""
    target: Literal["AverageValue", "Value"] = "AverageValue"
    """Whether an amount in `hpa` is the part of each pod (`AverageValue`), or the value of the metric (`Value`), which
    is possible for External and Object."""
    selector: Selector | None = Field(default=None, examples=[{"queue": "{service}"}])
    """Labels that the series of the metric must have. {service}, {namespace}, {project} and {environment} are
    replaced."""
    object: DescribedObject | None = Field(default=None, examples=[{"kind": "Service", "name": "{service}"}])
    """The object of a metric of kind Object."""

    @model_validator(mode="after")
    def _has_what_its_kind_has(self) -> MetricSource:
        if (self.kind == "Object") != (self.object is not None):
            expected = "the key object" if self.object is None else "kind: Object beside object"
            hint = "for example object: {kind: Service}" if self.object is None else "write kind: Object"
            raise InvalidValueError(self.kind, expected, hint=hint, at=("kind",))
        if self.kind == "Pods" and self.target == "Value":
            hint = "write AverageValue, or another kind"
            raise InvalidValueError("Value", "AverageValue for a metric of pods", hint=hint, at=("target",))
        return self

"""Alerts about services: `templates/alerts/<name>.yaml`, one file for each program whose series they read.

Source: Prometheus documentation, alerting rules.
"""

from typing import Annotated, Final, Literal

from generator.spec.base import Field, Spec
from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.parser import JsonSchema, Parser
from generator.spec.values.scalars import Duration, Text, text

SELECTOR: Final = "<<.Services>>"
"""Stands for the matcher of the namespaces of services, without braces: `namespace=~"vision-prod"`."""


def expression(value: object) -> str:
    """Check that an expression selects the namespaces of services. Raises InvalidValueError."""
    found = text(value)
    if SELECTOR not in found:
        raise InvalidValueError(found, f"{SELECTOR} among the matchers", hint=f"for example up{{{SELECTOR}}} == 0")
    return found


Expression = Annotated[str, Parser(expression), JsonSchema({"type": "string", "pattern": SELECTOR})]


class Alert(Spec):
    """One alert. Its series have the labels `namespace` and `service`, those of the service that it is about."""

    expr: Expression
    """The query in PromQL."""
    lasts: Duration
    """For how long the query has a result before the alert fires: `for` of Prometheus."""
    severity: Literal["critical", "warning"]
    """`critical` if requests fail now, `warning` if they soon may."""
    summary: Text
    """What is wrong, for people: a template of Prometheus."""
    action: Text
    """What to look at first."""


class AlertFile(Spec):
    """The alerts that read the series of one program."""

    description: Text
    """The program whose series they read."""
    namespace_label: Text = "namespace"
    """The label of these series that has the namespace of the service."""
    alerts: dict[str, Alert] = Field(min_length=1)
    """The alerts by name. An alert of Prometheus has the same name with `Servegen` in front."""

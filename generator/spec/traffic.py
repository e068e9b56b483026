"""`traffic:` how the gateway treats the pods of a service: the parts of a DestinationRule.

Source: Istio API reference, DestinationRule. The defaults are its own, but for pools of two or three replicas: there
half of the pods stay in whatever happens.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field

from generator.spec.base import Spec
from generator.spec.values.scalars import Duration, Int32, Percent


class Outliers(Spec):
    """Which pods are left out for a while."""

    errors: Int32 = 5
    """After how many answers of 5xx in a row."""
    interval: Duration = 10
    """How often it is looked at."""
    ejection: Duration = 30
    """For how long, at first."""
    max_percent: Percent = 30
    """How many percent of the pods at most."""
    min_healthy_percent: Percent = 50
    """Below this share of healthy pods all get requests again."""


class Connections(Spec):
    """How much the gateway asks of the pods at once."""

    pending: Int32 | None = None
    """How many requests may wait for a connection."""
    requests: Int32 | None = None
    """How many requests may run at once."""
    requests_per_connection: Int32 | None = None
    """After how many requests a connection is closed; 0 never."""
    connect_timeout: Duration | None = None
    """How long connecting may take."""


class Warmup(Spec):
    """How a new pod gets its share, for models that load slowly."""

    duration: Duration = Field(examples=["120s"])
    """After how long it has its full share."""
    minimum_percent: Percent = 10
    """The share that it starts with."""


def _lasting(value: object) -> object:
    return {"duration": value} if isinstance(value, str) else value


class Traffic(Spec):
    """How the gateway treats the pods of a service."""

    outliers: Outliers | None = None
    """Which pods are left out for a while."""
    connections: Connections | None = None
    """How much the gateway asks of the pods at once."""
    warmup: Annotated[Warmup, BeforeValidator(_lasting, json_schema_input_type=Duration | Warmup)] | None = None
    """How a new pod gets its share: a duration, or more."""

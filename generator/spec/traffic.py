"""`traffic:` how the gateway treats the pods of a service: the parts of a DestinationRule.

Source: Istio API reference, DestinationRule. The defaults are Istio's, except `max_percent` and `min_healthy_percent`:
these are for pools of two or three replicas, of which half always stays in.
"""

from __future__ import annotations

from typing import Annotated

from generator.spec.base import Field, Spec
from generator.spec.values.http_names import Token
from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.parser import Before
from generator.spec.values.scalars import Duration, Int32, Percent, PositiveInt32, PositivePercent


class Outliers(Spec):
    """When a pod that fails is ejected, so that it gets no requests for a while."""

    errors: Int32 = 5
    """The number of consecutive 5xx responses after which a pod is ejected."""
    interval: Duration = 10
    """How often pods are checked."""
    ejection: Duration = 30
    """How long a pod stays ejected the first time."""
    max_percent: PositivePercent = 30
    """The largest share of the pods, in percent, that may be ejected at once: at least 1, as Istio ignores 0."""
    min_healthy_percent: Percent = 50
    """If fewer pods than this share, in percent, are healthy, all pods get requests again."""


class Connections(Spec):
    """Limits of the requests and connections that the gateway opens to the pods."""

    pending: PositiveInt32 | None = None
    """How many requests may wait for a connection."""
    requests: PositiveInt32 | None = None
    """How many requests may run at once."""
    requests_per_connection: Int32 | None = None
    """The number of requests after which a connection is closed; 0 for no limit."""
    connect_timeout: Duration | None = None
    """How long opening a connection may take."""
    idle_timeout: Duration | None = Field(default=None, examples=["4s"])
    """When a connection without requests is closed; Istio's default is an hour. A server that closes connections
    earlier loses requests that arrive at that moment: write less than its keep-alive time."""


class Sticky(Spec):
    """By what a client keeps coming to the same pod, for models that hold a state for each client."""

    cookie: Token | None = Field(default=None, examples=["session"])
    """The name of a cookie. The gateway sets it if a request has none."""
    lifetime: Duration | None = None
    """How long the cookie lasts. Default: until the browser is closed."""
    header: Token | None = Field(default=None, examples=["x-user"])
    """The name of a header of the requests."""

    def check_keys(self) -> None:
        """Raise InvalidValueError unless there is a cookie or a header."""
        if self.cookie is not None and self.header is not None:
            raise InvalidValueError("header", "a cookie or a header, not both", hint="remove one", at=("header",))
        if self.cookie is None and self.header is None:
            found = "lifetime" if self.lifetime is not None else {}
            raise InvalidValueError(found, "a cookie or a header", hint="for example {cookie: session}")
        if self.lifetime is not None and self.cookie is None:
            raise InvalidValueError("lifetime", "a cookie that lasts so long", hint="remove it", at=("lifetime",))


class Warmup(Spec):
    """How the share of requests of a new pod grows, for models that load slowly."""

    duration: Duration = Field(examples=["120s"])
    """The time after which a new pod gets its full share of the requests."""
    minimum_percent: Percent = 10
    """The share of the requests, in percent of the full share, with which a new pod starts."""


def _lasting(value: object) -> object:
    return {"duration": value} if isinstance(value, str) else value


class Traffic(Spec):
    """How the gateway treats the pods of a service."""

    outliers: Outliers | None = None
    """When a pod that fails is ejected, so that it gets no requests for a while."""
    connections: Connections | None = None
    """Limits of the requests and connections that the gateway opens to the pods."""
    warmup: Annotated[Warmup, Before(_lasting, Duration | Warmup)] | None = None
    """How the share of requests of a new pod grows: a duration, or a mapping with further keys."""
    sticky: Sticky | None = Field(default=None, examples=[{"cookie": "session"}])
    """By which cookie or header a client keeps coming to the same pod."""

    def check_keys(self) -> None:
        """Raise InvalidValueError for both `sticky` and `warmup`."""
        if self.sticky is not None and self.warmup is not None:
            expected = "no warmup beside sticky: Istio has one or the other"
            raise InvalidValueError("sticky", expected, hint="remove one of the two", at=("sticky",))

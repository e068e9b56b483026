"""`cors:` which web pages of other origins may call a service from a browser.

The gateway answers the questions that browsers ask before a request (preflight). Sources: Fetch standard, CORS
protocol; Istio API reference, CorsPolicy; Gateway API reference, HTTPCORSFilter.
"""

from __future__ import annotations

from typing import Annotated, Any

from generator.spec.base import Field, Spec
from generator.spec.values.http_names import HeaderNames, Methods
from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.origins import ANY, Origins
from generator.spec.values.parser import Before
from generator.spec.values.scalars import Bool, Duration


class Cors(Spec):
    """Which web pages of other origins may call the service from a browser."""

    origins: Origins = Field(examples=[["https://app.example.com"]])
    """The origins of the pages: scheme and host, with `*.` for all hosts below a domain, or `*` for every page."""
    methods: Methods = ("GET", "POST")
    """The methods of the requests."""
    headers: HeaderNames = ("content-type",)
    """The headers that the pages may send."""
    expose: HeaderNames = ()
    """The headers of responses that the pages may read."""
    credentials: Bool = False
    """Whether the pages may send cookies and passwords."""
    max_age: Duration | None = None
    """How long a browser may remember the answer."""

    def check_keys(self) -> None:
        """Raise InvalidValueError if all origins are allowed with credentials."""
        if self.credentials and ANY in self.origins:
            expected, hint = "names, because credentials are allowed", "list the origins, or remove credentials"
            raise InvalidValueError("*", expected, hint=hint, at=("origins",))


def _origins(value: Any) -> Any:
    return {"origins": value} if isinstance(value, str | list) else value


CorsField = Annotated[Cors, Before(_origins, Origins | Cors)]

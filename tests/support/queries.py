"""The queries of dashboards, as a test asks a Prometheus for them."""

from __future__ import annotations

import math
import re
from typing import Any, Final

from tests.support.watched import expressions

# A series with its matchers, whose texts may contain braces.
_SELECTOR: Final = re.compile(r'[A-Za-z_:][A-Za-z0-9_:]*\{(?:"(?:[^"\\]|\\.)*"|[^}"])*\}')
# Of two samples in it, a rate is made: on a busy machine Prometheus misses many.
_WINDOW: Final = "1m"


def queries(dashboard: dict[str, Any], namespace: str, service: str) -> list[tuple[str, str]]:
    """Return each query about a service with its place, and each of its selectors: `or vector(0)` would hide one
    without data."""
    found = []
    for place, query in expressions(dashboard):
        filled = query.replace("$__rate_interval", _WINDOW).replace("$namespace", namespace)
        filled = filled.replace("$service", service)
        assert "$" not in filled, place
        found += [(text, place) for text in (filled, *_SELECTOR.findall(filled))]
    return found


def has_data(answer: dict[str, Any]) -> bool:
    """Whether Prometheus' answer to a query has a number."""
    return any(not math.isnan(float(one["value"][1])) for one in answer["data"]["result"])

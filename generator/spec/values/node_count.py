"""`nodes: 4`, or `nodes: 2~8` for a pool that an autoscaler resizes."""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import Struct

from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.parser import JsonSchema, Parser
from generator.spec.values.text import bounds, whole_number

# More than Kubernetes supports in one cluster, which is 5,000 nodes.
_MOST: Final = 100_000
_EXPECTED: Final = f"a number of nodes up to {_MOST:,}, or a range such as 2~8"


class NodeCount(Struct, frozen=True):
    """The lowest and the highest number of nodes of a pool."""

    min: int
    max: int


def parse(value: object) -> NodeCount:
    """Parse a number of nodes, or a range. Raises InvalidValueError."""
    low, high = (whole_number(part, 0, _MOST, _EXPECTED) for part in bounds(value, _EXPECTED))
    if low > high:
        raise InvalidValueError(f"{low}~{high}", "a minimum of at most the maximum", hint=f"write {high}~{low}")
    return NodeCount(low, high)


NodeCountField = Annotated[
    NodeCount,
    Parser(parse),
    JsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": 0},
                {"type": "string", "pattern": r"^\s*[0-9]+(\s*[-~～〜－]\s*[0-9]+)?\s*$"},
            ]
        }
    ),
]

"""`nodes: 2`, or `{count: 2, exclusive: example.com/rack}`: over how many nodes each replica is spread."""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import Struct

from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.parser import JsonSchema, Parser
from generator.spec.values.scalars import QUALIFIED_NAME
from generator.spec.values.text import check_keys, prefix_errors, scalar, whole_number

_MOST: Final = 1000
_EXPECTED: Final = "a number of nodes from 1 to 1000"


class Nodes(Struct, frozen=True):
    """The number of nodes of each replica, and the label of nodes whose values each belong to one replica alone."""

    count: int
    exclusive: str | None = None


def parse(value: object) -> Nodes:
    """Parse nodes from a number or a mapping. Raises InvalidValueError."""
    if not isinstance(value, dict):
        return Nodes(_count(value))
    check_keys(value, ("count", "exclusive"))
    if "count" not in value:
        raise InvalidValueError(value, "the key count", hint="for example {count: 2, exclusive: example.com/rack}")
    with prefix_errors("count"):
        count = _count(value["count"])
    with prefix_errors("exclusive"):
        return Nodes(count, _label(value["exclusive"]) if "exclusive" in value else None)


def _count(value: object) -> int:
    return whole_number(value, 1, _MOST, _EXPECTED)


def _label(value: object) -> str:
    expected = "the name of a label of nodes"
    name = scalar(value, expected)
    if not QUALIFIED_NAME.match(name):
        raise InvalidValueError(value, expected, hint="for example topology.kubernetes.io/zone")
    return name


_NUMBER: Final = {"type": "integer", "minimum": 1, "maximum": _MOST}
NodesField = Annotated[
    Nodes,
    Parser(parse),
    JsonSchema(
        {
            "anyOf": [
                _NUMBER,
                {"type": "string", "pattern": r"^\s*[1-9][0-9]*\s*$"},
                {
                    "type": "object",
                    "properties": {"count": _NUMBER, "exclusive": {"type": "string"}},
                    "required": ["count"],
                    "additionalProperties": False,
                },
            ]
        }
    ),
]

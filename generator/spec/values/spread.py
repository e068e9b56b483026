"""`spread: pack`, `spread: zone` or `{zone: required, node: preferred}`: how the replicas share nodes and zones."""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import Struct

from generator.spec.values.affinity import topology
from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.parser import JsonSchema, Parser
from generator.spec.values.text import each, prefix_errors

_PACK: Final = "pack"
_DEGREES: Final = ("preferred", "required")
_EXPECTED: Final = "node, zone, region, a label of nodes, or pack"


class Spread(Struct, frozen=True):
    """The labels of nodes over which replicas are spread, each with whether it is required; or `pack`."""

    over: tuple[tuple[str, bool], ...] = ()
    pack: bool = False


def parse(value: object) -> Spread:
    """Parse `pack`, a string or a list of labels, or a mapping of labels to a degree. Raises InvalidValueError."""
    if isinstance(value, dict) and value:
        return Spread(tuple(_degree(name, degree) for name, degree in value.items()))
    if value == _PACK:
        return Spread(pack=True)
    return Spread(tuple(dict.fromkeys((name, False) for name in each(value, _EXPECTED, _topology))))


def _degree(name: str, degree: object) -> tuple[str, bool]:
    with prefix_errors(name):
        if degree not in _DEGREES:
            raise InvalidValueError(degree, "preferred or required", hint="write preferred")
        return _topology(name), degree == "required"


def _topology(name: str) -> str:
    if name == _PACK:
        raise InvalidValueError(name, "pack alone, or labels over which replicas are spread", hint="for example pack")
    return topology(name, _EXPECTED)


SpreadField = Annotated[
    Spread,
    Parser(parse),
    JsonSchema(
        {
            "anyOf": [
                {"type": "string"},
                {"type": "array", "items": {"type": "string"}, "minItems": 1},
                {"type": "object", "additionalProperties": {"enum": list(_DEGREES)}, "minProperties": 1},
            ]
        }
    ),
]

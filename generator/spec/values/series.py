"""The numbers of external addresses: ids, the ports of an id in a series, and reserved or allowed ports."""

from __future__ import annotations

import re
from typing import Annotated, Final

from msgspec import Struct

from generator.core.regex import regex
from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.parser import JsonSchema, Parser
from generator.spec.values.ports import HIGHEST, MAX_PORTS, port
from generator.spec.values.text import bounds, each, scalar, whole_number

# A step is at least 2, else the second port of one id would be the first of the next; so no larger id has a legal port.
HIGHEST_ID: Final = HIGHEST // MAX_PORTS
_EXPECTED: Final = "an expression of the id such as 30000+10*id"
_EXPRESSION: Final = regex(r"([1-9][0-9]{0,4})\s*\+\s*([1-9][0-9]{0,4})\s*\*\s*id\Z", re.IGNORECASE)
_TURNED: Final = regex(r"([1-9][0-9]{0,4})\s*\*\s*id\s*\+\s*([1-9][0-9]{0,4})\Z", re.IGNORECASE)
_RANGE: Final = "a range of ports such as 30000-32767"


class Expression(Struct, frozen=True):
    """`base + step*id`: the first port of an id; its other ports are the next numbers."""

    base: int
    step: int

    def __str__(self) -> str:
        return f"{self.base}+{self.step}*id"

    def ports(self, id: int, count: int = MAX_PORTS) -> tuple[int, ...]:
        """Return `count` ports of an id, which may be above 65535."""
        first = self.base + self.step * id
        return tuple(range(first, first + count))

    def id_of(self, number: int) -> int | None:
        """Return the id, from 0, to which a port belongs, or None."""
        for offset in range(MAX_PORTS):
            id, rest = divmod(number - offset - self.base, self.step)
            if id >= 0 and rest == 0:
                return id
        return None


def expression(value: object) -> Expression:
    """Parse an expression `a+b*id` whose step leaves room for two ports. Raises InvalidValueError."""
    text = scalar(value, _EXPECTED)
    match, turned = _EXPRESSION.match(text), _TURNED.match(text)
    if match is None:
        raise InvalidValueError(value, _EXPECTED, hint=f"write {turned[2]}+{turned[1]}*id" if turned else "")
    if int(match[2]) < MAX_PORTS:
        raise InvalidValueError(
            value, "a step of at least 2, because a service can have two ports", hint=f"write {match[1]}+10*id"
        )
    return Expression(int(match[1]), int(match[2]))


def number(value: object) -> int:
    """Parse an id, from 1. Raises InvalidValueError."""
    return whole_number(value, 1, HIGHEST_ID, f"an id from 1 to {HIGHEST_ID}")


def port_range(value: object) -> tuple[int, int]:
    """Return the lowest and the highest port of `30000-32767`. Raises InvalidValueError."""
    low, high = (whole_number(part, 1, HIGHEST, _RANGE) for part in bounds(value, _RANGE))
    if low > high:
        raise InvalidValueError(value, "the lower port first", hint=f"write {high}-{low}")
    return low, high


def port_list(value: object) -> tuple[int, ...]:
    """Parse ports from `a,b` or a list, which may be empty. Raises InvalidValueError."""
    return () if value == [] else each(value, "a port, or a list of ports", port)


_PORT: Final = {"type": "integer", "minimum": 1, "maximum": HIGHEST}
Id = Annotated[int, Parser(number), JsonSchema({"type": "integer", "minimum": 1, "maximum": HIGHEST_ID})]
ExpressionField = Annotated[
    Expression,
    Parser(expression),
    JsonSchema({"type": "string", "pattern": r"^\s*[1-9][0-9]*\s*\+\s*[1-9][0-9]*\s*\*\s*[iI][dD]\s*$"}),
]
PortRange = Annotated[
    tuple[int, int],
    Parser(port_range),
    JsonSchema({"anyOf": [_PORT, {"type": "string", "pattern": r"^\s*[0-9]+\s*[-~～－]\s*[0-9]+\s*$"}]}),
]
PortList = Annotated[
    tuple[int, ...],
    Parser(port_list),
    JsonSchema({"anyOf": [_PORT, {"type": "string"}, {"type": "array", "items": _PORT}]}),
]

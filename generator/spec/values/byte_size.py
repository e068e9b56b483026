"""`102400000`, `98M`, `1.5Gi`: the size of a file, in bytes or with a unit."""

from __future__ import annotations

from typing import Annotated, Final

from generator.core.regex import regex
from generator.spec.values import quantity
from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.parser import JsonSchema, Parser
from generator.spec.values.text import scalar, whole_number

_EXPECTED: Final = "bytes, or a size with its unit, such as 98M or 1.5Gi"
_NUMBER: Final = regex(r"[0-9._]+\Z")
_UNITS: Final = ("", "k", "M", "G", "T")


def parse(value: object) -> int:
    """Return the size in bytes. Raises InvalidValueError."""
    text = scalar(value, _EXPECTED)
    if _NUMBER.match(text):
        return whole_number(text, 0, 2**63 - 1, _EXPECTED)
    try:
        return quantity.size(quantity.memory(text))
    except InvalidValueError as mistake:
        raise InvalidValueError(value, _EXPECTED, hint=mistake.hint) from None


def format_size(size: int) -> str:
    """Format bytes for readers, with three significant digits: `98.3M`."""
    rounded = int(float(f"{size:.3g}"))
    power = min((len(str(rounded)) - 1) // 3, len(_UNITS) - 1)
    return f"{rounded / 1000**power:g}{_UNITS[power]}"


ByteSize = Annotated[
    int,
    Parser(parse),
    JsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": 0},
                {"type": "string", "pattern": r"^\s*[0-9]+(\.[0-9]+)?([kMGT]|[KMGT]i)?\s*$"},
            ]
        }
    ),
]

"""`split: a:20%,b:30%` and `mirror: c:10%`: shares of the requests for other services, in whole percent."""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import Struct

from generator.core.regex import regex
from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.names import check_service_name
from generator.spec.values.parser import JsonSchema, Parser
from generator.spec.values.text import each, first_duplicate, prefix_errors, scalar, to_ascii_punctuation

_PERCENT: Final = regex(r"%?\s*([0-9]{1,9}(?:\.[0-9]{1,9})?)\s*%?\Z")
_EXPECTED: Final = "services, each with a percentage, such as resnet50-202208012:20%"


class Share(Struct, frozen=True):
    """A service and its percentage, 1 to 100."""

    service: str
    percent: int


def parse_shares(value: object) -> tuple[Share, ...]:
    """Parse shares from a string, a list, or a mapping of services to percentages. Raises InvalidValueError."""
    shares = _mapping(value) if isinstance(value, dict) else each(value, _EXPECTED, _entry)
    twice = first_duplicate(share.service for share in shares)
    if twice is not None:
        raise InvalidValueError(value, f"{twice} only once", hint=f"keep one of the shares of {twice}")
    return shares


def parse_split(value: object) -> tuple[Share, ...]:
    """Parse the shares of a split, at most 100 % together; the service itself gets the rest.

    Raises InvalidValueError.
    """
    shares = parse_shares(value)
    total = sum(share.percent for share in shares)
    if total > 100:
        raise InvalidValueError(
            value, f"a total of at most 100 %, not {total} %", hint="this service keeps the remaining percentage"
        )
    return shares


def _mapping(value: dict[str, object]) -> tuple[Share, ...]:
    if not value:
        raise InvalidValueError(value, _EXPECTED)
    shares = []
    for name, percent in value.items():
        with prefix_errors(name):
            shares.append(_share(name.strip(), scalar(percent, "a percentage such as 20%")))
    return tuple(shares)


def _entry(item: str) -> Share:
    name, sign, percent = item.replace("=", ":").rpartition(":")
    if not sign or not percent.strip():
        raise InvalidValueError(item, "a service and a percentage", hint=f"for example {item.rstrip(':= ')}:20%")
    return _share(name.strip(), percent)


def _share(name: str, text: str) -> Share:
    match = _PERCENT.match(to_ascii_punctuation(text).strip())
    if match is None:
        raise InvalidValueError(f"{name}:{text}", "a percentage such as 20%", hint=f"for example {name}:20%")
    nearest = min(max(round(float(match[1])), 1), 100)
    if match[1] != str(nearest):
        # The nearest share of one that is out of range is not what anybody asked for.
        inside = 1 <= float(match[1]) <= 100
        hint = f"write {name}:{nearest}%" if inside else f"for example {name}:20%; to stop it, remove {name}"
        raise InvalidValueError(f"{name}:{text}", "a whole percentage from 1 to 100", hint=hint)
    return Share(check_service_name(name), nearest)


_SCHEMA: Final = JsonSchema(
    {
        "anyOf": [
            {"type": "string", "pattern": r"\S\s*[:=：＝]\s*\S"},
            {"type": "array", "items": {"type": "string"}, "minItems": 1},
            {"type": "object", "additionalProperties": {"type": ["string", "integer"]}, "minProperties": 1},
        ]
    }
)
SplitField = Annotated[tuple[Share, ...], Parser(parse_split), _SCHEMA]
MirrorField = Annotated[tuple[Share, ...], Parser(parse_shares), _SCHEMA]

"""`slo: 99.5% < 300ms`: which part of the requests is answered without an error of the server, and within a time."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Final

from msgspec import Struct

from generator.core.regex import regex
from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.parser import JsonSchema, Parser
from generator.spec.values.text import scalar, to_ascii_punctuation

_EXPECTED: Final = "a percentage, alone or with a time, such as 99.5% or 99.5% < 300ms"
_FORM: Final = regex(
    r"(?P<percent>[0-9]{1,2}(?:\.[0-9]{1,3})?)\s*%(?:\s*<\s*(?P<time>[1-9][0-9]{0,6})\s*(?P<unit>ms|s))?\Z"
)
_WITHOUT_SIGN: Final = regex(r"([0-9]{1,2}(?:\.[0-9]{1,3})?)(\s*<.*)?\Z")
_HOUR_MS: Final = 3_600_000
# Below, no burn rate of the alerts can be reached: 14.4 times the errors that are allowed are more than all requests.
_LEAST: Final = Decimal(94)


class Objective(Struct, frozen=True):
    """The part of the requests that must be good, in percent, and within how many milliseconds; None if not limited."""

    percent: Decimal
    milliseconds: int | None = None

    @property
    def bad(self) -> Decimal:
        """The part of the requests that may be bad: from 0 to 1."""
        return (100 - self.percent) / 100


def parse(value: object) -> Objective:
    """Parse a percentage and a time. Raises InvalidValueError."""
    found = to_ascii_punctuation(scalar(value, _EXPECTED))
    match = _FORM.match(found)
    if match is None:
        bare = _WITHOUT_SIGN.match(found)
        hint = f"write {bare[1]}%{bare[2] or ''}" if bare and _FORM.match(f"{bare[1]}%{bare[2] or ''}") else ""
        raise InvalidValueError(value, _EXPECTED, hint=hint)
    percent = Decimal(match["percent"])
    if percent < _LEAST:
        raise InvalidValueError(
            value, f"a percentage from {_LEAST} to 99.999", hint="the alerts compare 14 times its errors"
        )
    milliseconds = int(match["time"]) * (1 if match["unit"] == "ms" else 1000) if match["time"] else None
    if milliseconds is not None and milliseconds > _HOUR_MS:
        raise InvalidValueError(value, "a time of at most 3600s")
    return Objective(percent, milliseconds)


ObjectiveField = Annotated[
    Objective,
    Parser(parse),
    JsonSchema(
        {"type": "string", "pattern": r"^\s*[0-9]{1,2}(\.[0-9]{1,3})?\s*[%％](\s*[<＜]\s*[1-9][0-9]*\s*(ms|s))?\s*$"}
    ),
]

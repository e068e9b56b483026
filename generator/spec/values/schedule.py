"""`9~21:1,21~9:0`: how many pods run at least, by the hour of the day."""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import Struct

from generator.core.regex import regex
from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.parser import JsonSchema, Parser
from generator.spec.values.text import each

_EXPECTED: Final = "times and a number of pods, such as 9~21:4 or 8:30~18:00:4"
_SPAN: Final = regex(
    r"(?P<h1>[0-9]{1,2})(?::(?P<m1>[0-5][0-9]))?\s*[~-]\s*(?P<h2>[0-9]{1,2})(?::(?P<m2>[0-5][0-9]))?\s*:\s*(?P<pods>[0-9]{1,6})\Z"
)
_DAY: Final = 24 * 60


class Hours(Struct, frozen=True):
    """A part of each day, in minutes from midnight, with the least number of pods in it; it may pass midnight."""

    start: int
    end: int
    pods: int

    def minutes(self) -> frozenset[int]:
        """Return its minutes of the day."""
        end = self.end if self.end > self.start else self.end + _DAY
        return frozenset(minute % _DAY for minute in range(self.start, end))


def parse(value: object) -> tuple[Hours, ...]:
    """Parse spans that do not overlap. Raises InvalidValueError."""
    spans = each(value, _EXPECTED, _span)
    covered: frozenset[int] = frozenset()
    for span in spans:
        if covered & span.minutes():
            raise InvalidValueError(value, "times that do not overlap", hint="end each where the next one starts")
        covered |= span.minutes()
    return spans


def _span(item: str) -> Hours:
    match = _SPAN.match(item)
    if match is None:
        raise InvalidValueError(item, _EXPECTED)
    start, end = (_minute(match[f"h{n}"], match[f"m{n}"], item) for n in (1, 2))
    if start == end:
        raise InvalidValueError(item, "a start and an end that differ", hint="for the whole day, write `replicas`")
    return Hours(start, end, int(match["pods"]))


def _minute(hour: str, minute: str | None, item: str) -> int:
    found = int(hour) * 60 + int(minute or 0)
    if found > _DAY:
        raise InvalidValueError(item, "hours from 0 to 24")
    return found % _DAY


ScheduleField = Annotated[
    tuple[Hours, ...],
    Parser(parse),
    JsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": r"^\s*[0-9]{1,2}([:：][0-5][0-9])?\s*[-~～〜－]"},
                {"type": "array", "items": {"type": "string"}, "minItems": 1},
            ]
        }
    ),
]

"""`4/60s`, `100%/60s` or `none`: by how much an autoscaler may change the number of pods, and in which time.

Source of the bounds: Kubernetes API reference, autoscaling/v2, HPAScalingRules and HPAScalingPolicy.
"""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import Struct

from generator.core.regex import regex
from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.parser import JsonSchema, Parser
from generator.spec.values.scalars import request_timeout
from generator.spec.values.text import each, scalar, to_ascii_punctuation

_EXPECTED: Final = "a number of pods or a percentage for a time, such as 4/60s or 100%/60s, or none"
_POLICY: Final = regex(r"([1-9][0-9]{0,8})\s*(%?)\s*/\s*([1-9][0-9]{0,5}[smh]?)\Z")
_LONGEST_PERIOD: Final = 1800
_LONGEST_WINDOW: Final = 3600
_TOLERANCE: Final = regex(r"(0|[1-9][0-9]{0,2})(?:\.([0-9]))?\s*%\Z")
_NEARLY_TOLERANCE: Final = regex(r"([0-9]{1,3})\Z")


class Step(Struct, frozen=True):
    """The most pods, or the largest part of the pods in percent, that are added or removed in `seconds`."""

    value: int
    percent: bool
    seconds: int


Pace = tuple[Step, ...]
"""The steps, of which the largest counts; without any, the number of pods is not changed in this direction."""


def parse(value: object) -> Pace:
    """Parse one or several steps, or `none`. Raises InvalidValueError."""
    if isinstance(value, str) and value.strip() == "none":
        return ()
    steps = each(value, _EXPECTED, _step)
    if len({(step.percent, step.seconds) for step in steps}) < len(steps):
        expected = "at most one number of pods and one percentage for each time"
        raise InvalidValueError(value, expected, hint="keep the larger one: the others have no effect")
    return steps


def _step(item: str) -> Step:
    match = _POLICY.match(item)
    if match is None:
        hint = f"write {item}/60s" if _POLICY.match(f"{item}/60s") else ""
        raise InvalidValueError(item, _EXPECTED, hint=hint)
    if match[3].isdigit():
        raise InvalidValueError(item, "a time with a unit", hint=f"write {item}s")
    seconds = request_timeout(match[3])
    if seconds > _LONGEST_PERIOD:
        hint = f"write {match[1]}{match[2]}/{_LONGEST_PERIOD}s"
        raise InvalidValueError(item, f"a time of at most {_LONGEST_PERIOD}s", hint=hint)
    return Step(int(match[1]), bool(match[2]), seconds)


def window(value: object) -> int:
    """Return a duration in seconds, from 0s to an hour. Raises InvalidValueError."""
    found = request_timeout(value)
    if found > _LONGEST_WINDOW:
        raise InvalidValueError(value, f"at most {_LONGEST_WINDOW}s", hint=f"write {_LONGEST_WINDOW}s")
    return found


def tolerance(value: object) -> int:
    """Return a percentage such as 5% or 2.5% in thousandths. Raises InvalidValueError."""
    expected = "a percentage such as 5% or 2.5%"
    text = to_ascii_punctuation(scalar(value, expected))
    match = _TOLERANCE.match(text)
    if match is None:
        raise InvalidValueError(value, expected, hint=f"write {text}%" if _NEARLY_TOLERANCE.match(text) else "")
    return int(match[1]) * 10 + int(match[2] or 0)


_STEP_PATTERN: Final = r"^\s*(none|[1-9][0-9]*\s*[%％]?\s*[/／].*)\s*$"
PaceField = Annotated[
    Pace,
    Parser(parse),
    JsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": _STEP_PATTERN},
                {"type": "array", "items": {"type": "string"}, "minItems": 1},
            ]
        }
    ),
]
Window = Annotated[
    int,
    Parser(window),
    JsonSchema({"anyOf": [{"type": "string", "pattern": "^(0s?|[1-9][0-9]{0,5}[smh])$"}, {"const": 0}]}),
]
Tolerance = Annotated[
    int, Parser(tolerance), JsonSchema({"type": "string", "pattern": r"^\s*[0-9]+(\.[0-9])?\s*[%％]\s*$"})
]

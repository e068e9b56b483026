"""`5%,25%,100% every 1h while QUERY < 0.01`: the steps in which a service takes over the requests for its host.

The comparison is split from the query, because PromQL itself gives nothing both for a comparison that does not hold and
for a series without values. Source: Prometheus documentation, Querying, operators.
"""

from __future__ import annotations

import operator
import re
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Final

from msgspec import Struct

from generator.core.regex import regex
from generator.spec.metric_source import PLACEHOLDERS
from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.parser import JsonSchema, Parser
from generator.spec.values.scalars import seconds
from generator.spec.values.text import check_keys, each, prefix_errors, scalar, to_ascii_punctuation

if TYPE_CHECKING:
    from collections.abc import Callable

_EXPECTED: Final = "steps and a time, such as 5%,25%,100% every 1h"
_STEPS: Final = "rising percentages that end with 100%, such as 5%,25%,100%"
_CONDITION: Final = "a query, a comparison and a number, such as error_rate < 0.01"
_FORM: Final = regex(r"(.+?)\s+every\s+(.+?)(?:\s+while\s+(.+))?\Z", re.DOTALL)
_COMPARED: Final = regex(
    r"(.*[^\s<>=!])\s*(<=|>=|<|>)\s*([-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?)\Z", re.DOTALL
)
_PERCENT: Final = regex(r"([1-9][0-9]?|100)\s*%?\Z")
_BRACES: Final = regex(r"\{[a-z]+\}")
_HOLDS: Final[dict[str, Callable[[float, float], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_UNITS: Final = ((3600, "h"), (60, "m"))


class Condition(Struct, frozen=True):
    """What every value of a PromQL query must be: `comparison` is one of <, <=, > and >=, `limit` a number as text."""

    query: str
    comparison: str
    limit: str

    def __str__(self) -> str:
        return f"{self.query} {self.comparison} {self.limit}"

    def holds(self, value: float) -> bool:
        """Whether one value of the query is as it must be."""
        return _HOLDS[self.comparison](value, float(self.limit))


class RolloutPlan(Struct, frozen=True):
    """The shares in percent, each above the one before and the last one 100, and the seconds from step to step."""

    steps: tuple[int, ...]
    every: int
    condition: Condition | None = None

    def after(self, share: int) -> int:
        """Return the first step above a share, which must be below 100."""
        return next(step for step in self.steps if step > share)


def parse(value: object) -> RolloutPlan:
    """Parse `5%,25%,100% every 1h while QUERY < 0.01`, or a mapping with steps, every and while.

    Raises InvalidValueError.
    """
    if isinstance(value, dict):
        return _mapping(value)
    match = _FORM.match(scalar(value, _EXPECTED))
    if match is None:
        hint = f"for example {value} every 1h" if _are_steps(value) else ""
        raise InvalidValueError(value, _EXPECTED, hint=hint)
    return RolloutPlan(_steps(match[1]), seconds(match[2]), _condition(match[3]) if match[3] else None)


def write(plan: RolloutPlan) -> str:
    """Return a plan in its short form, as a spec has it: the reverse of `parse`."""
    condition = f" while {plan.condition}" if plan.condition is not None else ""
    return f"{','.join(f'{step}%' for step in plan.steps)} every {format_seconds(plan.every)}{condition}"


def format_seconds(duration: int) -> str:
    """Return a number of seconds as a duration in its largest whole unit: `90s`, `15m`, `1h`."""
    return next((f"{duration // size}{unit}" for size, unit in _UNITS if duration % size == 0), f"{duration}s")


def _mapping(value: dict[str, object]) -> RolloutPlan:
    check_keys(value, ("steps", "every", "while"), ("steps", "every"))
    with prefix_errors("steps"):
        steps = _steps(value["steps"])
    with prefix_errors("every"):
        every = seconds(value["every"])
    with prefix_errors("while"):
        return RolloutPlan(steps, every, _condition(value["while"]) if "while" in value else None)


def _are_steps(value: object) -> bool:
    try:
        _steps(value)
    except InvalidValueError:
        return False
    return True


def _steps(value: object) -> tuple[int, ...]:
    steps = each(value, _STEPS, _step)
    for before, after in pairwise(steps):
        if after <= before:
            raise InvalidValueError(value, f"{_STEPS}: {after}% is not above {before}%")
    if steps[-1] != 100:
        raise InvalidValueError(value, _STEPS, hint="the last step gives the service the host")
    if len(steps) == 1:
        raise InvalidValueError(value, "at least one step below 100%", hint="for example 10%,100%")
    return steps


def _step(item: str) -> int:
    match = _PERCENT.match(item)
    if match is None:
        raise InvalidValueError(item, "a whole percentage from 1% to 100%")
    return int(match[1])


def _condition(value: object) -> Condition:
    found = scalar(value, _CONDITION)
    match = _COMPARED.match(found)
    if match is None:
        share = re.search(r"([0-9.]+)\s*%\Z", to_ascii_punctuation(found))
        hint = "1 % as a number is 0.01" if share else "the comparison is <, <=, > or >="
        raise InvalidValueError(value, _CONDITION, hint=hint)
    query = match[1].strip()
    if any(query.count(left) != query.count(right) for left, right in ("()", "[]", "{}")):
        raise InvalidValueError(value, "a query whose parentheses, brackets and braces are closed")
    for braces in _BRACES.findall(query):
        if braces not in PLACEHOLDERS:
            raise InvalidValueError(braces, f"one of the placeholders {', '.join(PLACEHOLDERS)}")
    return Condition(query, match[2], match[3])


RolloutField = Annotated[
    RolloutPlan,
    Parser(parse),
    JsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": r"[0-9]\s*[%％]?\s+every\s+[1-9][0-9]*[smh]"},
                {
                    "type": "object",
                    "properties": {
                        "steps": {
                            "anyOf": [
                                {"type": "string"},
                                {"type": "array", "items": {"type": ["string", "integer"]}, "minItems": 2},
                            ]
                        },
                        "every": {"type": "string", "pattern": "^[1-9][0-9]{0,5}[smh]$"},
                        "while": {"type": "string"},
                    },
                    "required": ["steps", "every"],
                    "additionalProperties": False,
                },
            ]
        }
    ),
]

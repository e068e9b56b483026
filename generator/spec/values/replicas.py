"""`replicas: 2~10` (or `2-10`), `3`, or `{min: 2, max: 10, start: 6}`: how many pods run.

The minimum of a range may be 0, for an autoscaler that starts the first pod when something waits for it (S24).
"""

from __future__ import annotations

from typing import Annotated, Final, TypeGuard

from msgspec import Struct

from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.parser import JsonSchema, Parser
from generator.spec.values.text import bounds, check_keys, prefix_errors, whole_number

# Kubernetes counts replicas in 32 bits.
_MOST: Final = 2**31 - 1
_EXPECTED: Final = "at least 1 replica, or a range such as 2~10"


class Replicas(Struct, frozen=True):
    """The bounds `min` and `max`, and `start`, the number with which a takeover begins (None: the minimum)."""

    min: int
    max: int
    start: int | None = None


def parse(value: object) -> Replicas:
    """Parse replicas from a number, `min~max`, or a mapping. Raises InvalidValueError."""
    if isinstance(value, dict):
        return _mapping(value)
    if isinstance(value, list):
        raise InvalidValueError(value, _EXPECTED, hint=f"write {'~'.join(value)}" if _is_pair(value) else "")
    low, high = bounds(value, _EXPECTED)
    return _ranged(_count(low, least=0 if high != low else 1), _count(high), None)


def _is_pair(value: list[object]) -> TypeGuard[list[str]]:
    return len(value) == 2 and all(isinstance(item, str) and item.isdecimal() for item in value)


def _mapping(value: dict[str, object]) -> Replicas:
    low, high = value.get("minReplicas"), value.get("maxReplicas")
    if isinstance(low, str) and isinstance(high, str):
        raise InvalidValueError(value, _EXPECTED, hint=f"write {low}~{high}")
    check_keys(value, ("min", "max", "start"))
    if "min" not in value:
        raise InvalidValueError(value, "the key min", hint="for example {min: 2, max: 10}")
    counts = {}
    for key, item in value.items():
        with prefix_errors(key):
            counts[key] = _count(item, least=0 if key == "min" and "max" in value else 1)
    return _ranged(counts["min"], counts.get("max", counts["min"]), counts.get("start"))


def _ranged(low: int, high: int, start: int | None) -> Replicas:
    if low > high:
        expected = "a minimum of at most the maximum"
        raise InvalidValueError(f"{low}~{high}", expected, hint=f"write {high}~{low}")
    if start is not None and not low <= start <= high:
        hint = f"write {min(max(start, low), high)}"
        raise InvalidValueError(str(start), f"a start from {low} to {high}", hint=hint, at=("start",))
    return Replicas(low, high, start)


def _count(value: object, least: int = 1) -> int:
    if value == "0" and least:
        raise InvalidValueError(value, _EXPECTED, hint="requests fail while no pod runs; undeploy the service instead")
    return whole_number(value, least, _MOST, _EXPECTED)


_NUMBER: Final = {"type": "integer", "minimum": 1}
ReplicasField = Annotated[
    Replicas,
    Parser(parse),
    JsonSchema(
        {
            "anyOf": [
                _NUMBER,
                {"type": "string", "pattern": r"^\s*([1-9][0-9]*|[0-9]+\s*[-~～〜－]\s*[1-9][0-9]*)\s*$"},
                {
                    "type": "object",
                    "properties": {"min": {"type": "integer", "minimum": 0}, "max": _NUMBER, "start": _NUMBER},
                    "required": ["min"],
                    "additionalProperties": False,
                },
            ]
        }
    ),
]

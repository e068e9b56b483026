"""`replicas: 2~10`, `3`, or `{min: 2, max: 10, start: 6}`: how many pods run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import PlainValidator, WithJsonSchema

from generator.spec.values.mistake import MistakeError
from generator.spec.values.text import narrow, scalar, whole_number

_MOST: Final = 10_000
_EXPECTED: Final = "a number of replicas from 1 up, or a range such as 2~10"


@dataclass(frozen=True, slots=True)
class Replicas:
    """The bounds, and with how many a takeover begins (None: with the minimum)."""

    min: int
    max: int
    start: int | None = None


def parse(value: object) -> Replicas:
    """Replicas from a number, `min~max`, or a mapping. Raises MistakeError."""
    if isinstance(value, dict):
        return _mapping(value)
    text = narrow(scalar(value, _EXPECTED))
    low, sign, high = text.partition("~")
    minimum = _count(low)
    return _ranged(value, minimum, _count(high) if sign else minimum, None)


def _mapping(value: dict[str, object]) -> Replicas:
    for key in value:
        if key not in ("min", "max", "start"):
            raise MistakeError(key, "min, max or start", at=(key,))
    if "min" not in value:
        raise MistakeError(value, "a mapping with min", hint="write {min: 2, max: 10}")
    counts = {key: whole_number(item, 1, _MOST, "a number from 1 up") for key, item in value.items()}
    return _ranged("{min: …, max: …}", counts["min"], counts.get("max", counts["min"]), counts.get("start"))


def _ranged(found: object, low: int, high: int, start: int | None) -> Replicas:
    if low > high:
        raise MistakeError(found, "a minimum that is not above the maximum", hint=f"write {high}~{low}")
    if start is not None and not low <= start <= high:
        raise MistakeError(start, f"a start from {low} to {high}", at=("start",))
    return Replicas(low, high, start)


def _count(text: str) -> int:
    if text.strip() == "0":
        raise MistakeError(text, _EXPECTED, hint="nothing holds requests back while no pod runs; undeploy it instead")
    return whole_number(text, 1, _MOST, _EXPECTED)


_NUMBER: Final = {"type": "integer", "minimum": 1}
ReplicasField = Annotated[
    Replicas,
    PlainValidator(parse),
    WithJsonSchema(
        {
            "anyOf": [
                _NUMBER,
                {"type": "string", "pattern": r"^\s*\d+(\s*[~～]\s*\d+)?\s*$"},
                {
                    "type": "object",
                    "properties": {"min": _NUMBER, "max": _NUMBER, "start": _NUMBER},
                    "required": ["min"],
                    "additionalProperties": False,
                },
            ]
        }
    ),
]

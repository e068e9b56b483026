"""`hpa: cpu:50%,mem:%50,gpu:50%` or `{cpu: 50%, memory: 60%}`: when the autoscaler adds replicas.

Percentages of cpu and memory are relative to the requests. Another metric (`qps:100`) is one that the cluster's adapter
offers.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Final

from msgspec import Struct

from generator.core.regex import regex
from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.parser import JsonSchema, Parser
from generator.spec.values.quantity import cores
from generator.spec.values.text import each, prefix_errors, scalar, to_ascii_punctuation

if TYPE_CHECKING:
    from collections.abc import Iterable

_ORDER: Final = ("cpu", "memory", "gpu")
_SAME: Final = {"mem": "memory", "cpu": "cpu", "memory": "memory", "gpu": "gpu"}
_SHORT: Final = {"memory": "mem"}
_MOST: Final = {"cpu": 1000, "memory": 1000, "gpu": 100}
_NAME: Final = regex(r"[a-z][a-z0-9_-]{0,62}\Z")
_PERCENTAGE: Final = regex(r"%?\s*([0-9]{1,9}(?:\.[0-9]{1,9})?)\s*%?\Z")
_SCALED: Final = regex(r"[1-9][0-9]{0,8}[mkM]\Z")
_EXPECTED: Final = "metrics such as cpu:50%,mem:50%,gpu:50%"
# A metric or an amount, or both without the colon between them.
_LOOSE: Final = regex(r"\s*([A-Za-z][-A-Za-z0-9_]*)?\W*([0-9]+)?\s*%?\s*\Z", re.ASCII)
# A metric and an amount without anything between them.
_JOINED: Final = regex(r"\s*(cpu|mem|memory|gpu)([0-9]+)\s*%?\s*\Z", re.ASCII | re.IGNORECASE)
_OTHERS: Final = "cpu, mem, gpu, or a metric of the cluster in lower-case letters, digits, - and _"


class MetricTarget(Struct, frozen=True):
    """One metric and its average target: a whole percentage, or a quantity."""

    metric: str
    amount: str
    percent: bool


def parse(value: object) -> tuple[MetricTarget, ...]:
    """Return the targets in a fixed order: cpu, memory, gpu, then others as written. Raises InvalidValueError."""
    targets = _mapping(value) if isinstance(value, dict) else each(value, _EXPECTED, _entry)
    names = [target.metric for target in targets]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise InvalidValueError(value, f"{twice} only once", hint=f"remove one of the two {twice} entries")
    return tuple(sorted(targets, key=lambda target: _rank(target.metric)))


def write(targets: Iterable[MetricTarget]) -> str:
    """Return targets in their short form, as a spec has them: the reverse of `parse`."""
    return ",".join(f"{_SHORT.get(t.metric, t.metric)}:{t.amount}{'%' if t.percent else ''}" for t in targets)


def _rank(metric: str) -> int:
    return _ORDER.index(metric) if metric in _ORDER else len(_ORDER)


def _mapping(value: dict[str, object]) -> tuple[MetricTarget, ...]:
    if not value:
        raise InvalidValueError(value, _EXPECTED)
    targets = []
    for name, amount in value.items():
        with prefix_errors(name):
            targets.append(_target(name.strip(), to_ascii_punctuation(scalar(amount, "an amount such as 50%")).strip()))
    return tuple(targets)


def _entry(item: str) -> MetricTarget:
    name, sign, amount = item.replace("=", ":").partition(":")
    if not sign or not amount.strip():
        loose = _JOINED.match(name) or _LOOSE.match(name)
        metric = (loose[1] if loose else None) or "cpu"
        percent = metric.lower() in _SAME
        number = (loose[2] if loose else None) or ("50" if percent else "100")
        example = f"{metric}:{number}%" if percent else f"{metric}:{number}"
        raise InvalidValueError(item, "a metric with an amount", hint=f"write {example}")
    return _target(name.strip(), amount.strip())


def _target(name: str, amount: str) -> MetricTarget:
    metric = _SAME.get(name.lower(), name)
    if metric in _ORDER:
        return MetricTarget(metric, _percentage(name, amount, _MOST[metric]), percent=True)
    if not _NAME.match(metric):
        raise InvalidValueError(name, _OTHERS)
    if "%" in amount:
        hint = f"write {name}:{amount.replace('%', '').strip()}"
        raise InvalidValueError(f"{name}:{amount}", "a percentage only for cpu, mem or gpu", hint=hint)
    return MetricTarget(metric, _quantity(name, amount), percent=False)


def _percentage(name: str, amount: str, most: int) -> str:
    match = _PERCENTAGE.match(amount)
    if match is None:
        raise InvalidValueError(f"{name}:{amount}", "a percentage such as 50%", hint=f"write {name}:50%")
    written = float(match[1])
    # 0.5 is meant as 50%; no one means a target below 1 %, at which an autoscaler starts all pods it may.
    nearest = min(round(written if written >= 1 else 0 if "%" in amount else written * 100), most)
    if match[1] != str(nearest) or not nearest:
        hint = f"write {name}:{nearest}%" if nearest else f"for example {name}:50%"
        raise InvalidValueError(f"{name}:{amount}", f"a whole percentage from 1 to {most}", hint=hint)
    return match[1]


def _quantity(name: str, amount: str) -> str:
    if _SCALED.match(amount):
        return amount
    try:
        return cores(amount)  # plain numbers and thousandths have the same notation
    except InvalidValueError:
        expected = "an amount above 0, such as 100, 0.5, 500m or 2k"
        raise InvalidValueError(f"{name}:{amount}", expected, hint=f"for example {name}:100") from None


HpaField = Annotated[
    tuple[MetricTarget, ...],
    Parser(parse),
    JsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": r"\S\s*[:=：＝]\s*\S"},
                {"type": "array", "items": {"type": "string"}, "minItems": 1},
                {"type": "object", "additionalProperties": {"type": ["string", "number"]}, "minProperties": 1},
            ]
        }
    ),
]

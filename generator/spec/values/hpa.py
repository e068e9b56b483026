"""`hpa: cpu:50%,mem:%50,gpu:50%` or `{cpu: 50%, memory: 60%}`: when the autoscaler adds replicas.

Percentages of cpu and memory are of the requests. Another metric (`qps:100`) is one that the cluster's adapter offers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import PlainValidator, WithJsonSchema

from generator.spec.values.mistake import MistakeError
from generator.spec.values.text import items, narrow, scalar

_ORDER: Final = ("cpu", "memory", "gpu")
_SAME: Final = {"mem": "memory", "cpu": "cpu", "memory": "memory", "gpu": "gpu"}
_MOST: Final = {"cpu": 1000, "memory": 1000, "gpu": 100}
_NAME: Final = re.compile(r"[a-z][a-z0-9_-]{0,62}\Z")
_AMOUNT: Final = re.compile(r"(%?)\s*([0-9]+(?:\.[0-9]+)?)(m|k|M)?\s*(%?)\Z")
_EXPECTED: Final = "metrics such as cpu:50%,mem:50%,gpu:50%"


@dataclass(frozen=True, slots=True)
class Target:
    """One metric and what it shall be on average: a whole percentage, or a quantity."""

    metric: str
    amount: str
    percent: bool


def parse(value: object) -> tuple[Target, ...]:
    """The targets in one fixed order: cpu, memory, gpu, then others as written. Raises MistakeError."""
    if isinstance(value, dict):
        pairs = [(name, scalar(amount, "an amount such as 50%")) for name, amount in value.items()]
    else:
        pairs = [_pair(item) for item in items(value, _EXPECTED)]
    if not pairs:
        raise MistakeError(value, _EXPECTED)
    targets: dict[str, Target] = {}
    for name, amount in pairs:
        target = _target(name.strip(), narrow(amount))
        if target.metric in targets:
            raise MistakeError(value, f"{target.metric} once", hint=f"keep one of the two {target.metric} entries")
        targets[target.metric] = target
    rank = {name: index for index, name in enumerate(_ORDER)}
    return tuple(sorted(targets.values(), key=lambda t: rank.get(t.metric, len(rank))))


def _pair(item: str) -> tuple[str, str]:
    name, sign, amount = item.replace("=", ":").partition(":")
    if not sign or not amount.strip():
        raise MistakeError(item, "a metric with an amount", hint=f"write {name.strip() or 'cpu'}:50%")
    return name, amount


def _target(name: str, text: str) -> Target:
    metric = _SAME.get(name.lower(), name)
    match = _AMOUNT.match(text.strip())
    if match is None:
        raise MistakeError(f"{name}:{text}", "an amount such as 50%", hint=f"write {name}:50%")
    if metric in _ORDER:
        return Target(metric, _percentage(name, match[2], metric), percent=True)
    if not _NAME.match(metric):
        raise MistakeError(name, "cpu, mem, gpu, or a metric of the cluster in lower-case letters, digits, - and _")
    if match[1] or match[4]:
        raise MistakeError(f"{name}:{text}", "a percentage of cpu, mem or gpu only", hint=f"write {name}:{match[2]}")
    return Target(metric, f"{match[2]}{match[3] or ''}", percent=False)


def _percentage(name: str, number: str, metric: str) -> str:
    most = _MOST[metric]
    if "." in number:
        raise MistakeError(f"{name}:{number}%", "a whole percentage", hint=f"write {name}:{round(float(number))}%")
    if not 1 <= int(number) <= most:
        raise MistakeError(f"{name}:{number}%", f"a percentage from 1 to {most}")
    return str(int(number))


HpaField = Annotated[
    tuple[Target, ...],
    PlainValidator(parse),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string"},
                {"type": "array", "items": {"type": "string"}},
                {"type": "object", "additionalProperties": {"type": ["string", "number"]}},
            ]
        }
    ),
]

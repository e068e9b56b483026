"""`split: a:20%,b:30%` and `mirror: c:10%`: shares of the requests for other services, in whole percent."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import PlainValidator, WithJsonSchema

from generator.spec.values.mistake import MistakeError
from generator.spec.values.text import items, narrow, scalar

_PERCENT: Final = re.compile(r"([0-9]+)\s*%?\Z")
_SERVICE: Final = re.compile(r"[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?\Z")
_EXPECTED: Final = "services with a percentage each, such as resnet50-202208012:20%"


@dataclass(frozen=True, slots=True)
class Share:
    """A service and its percentage, 1 to 100."""

    service: str
    percent: int


def parse_shares(value: object) -> tuple[Share, ...]:
    """Shares from a text, a list, or a mapping of services to percentages. Raises MistakeError."""
    if isinstance(value, dict):
        pairs = [(name, scalar(percent, "a percentage such as 20%")) for name, percent in value.items()]
    else:
        pairs = [_pair(item) for item in items(value, _EXPECTED)]
    shares = tuple(_share(name.strip(), percent) for name, percent in pairs)
    names = [share.service for share in shares]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        total = sum(share.percent for share in shares if share.service == twice)
        raise MistakeError(value, f"{twice} once", hint=f"write one share, for example {twice}:{min(total, 100)}%")
    return shares


def parse_split(value: object) -> tuple[Share, ...]:
    """Shares that leave the rest to the service itself: at most 100 % together. Raises MistakeError."""
    shares = parse_shares(value)
    total = sum(share.percent for share in shares)
    if total > 100:
        raise MistakeError(value, f"at most 100 % together, not {total} %", hint="what is not given away stays here")
    return shares


def _pair(item: str) -> tuple[str, str]:
    name, sign, percent = item.replace("=", ":").rpartition(":")
    if not sign or not percent.strip():
        raise MistakeError(item, "a service and a percentage", hint=f"write {item.rstrip(':= ')}:20%")
    return name, percent


def _share(name: str, text: str) -> Share:
    match = _PERCENT.match(narrow(text).strip())
    if match is None or not 1 <= int(match[1]) <= 100:
        raise MistakeError(f"{name}:{text}", "a whole percentage from 1 to 100", hint=f"write {name}:20%")
    if not _SERVICE.match(name):
        raise MistakeError(name, "a service's name", hint="the name of its file without .yaml")
    return Share(name, int(match[1]))


_SCHEMA: Final = WithJsonSchema(
    {
        "anyOf": [
            {"type": "string"},
            {"type": "array", "items": {"type": "string"}},
            {"type": "object", "additionalProperties": {"type": ["string", "integer"]}},
        ]
    }
)
SplitField = Annotated[tuple[Share, ...], PlainValidator(parse_split), _SCHEMA]
MirrorField = Annotated[tuple[Share, ...], PlainValidator(parse_shares), _SCHEMA]

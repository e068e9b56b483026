"""`cpu: 5`, `cpu: 1~2`, `memory: 5G`, `memory: 2G~4G`: what a replica asks for, and its limit.

Source: Kubernetes API reference, Quantity. Written without a range, request and limit are equal (Guaranteed pods).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import PlainValidator, WithJsonSchema

from generator.spec.values.mistake import MistakeError
from generator.spec.values.text import narrow, scalar

if TYPE_CHECKING:
    from collections.abc import Callable

_CPU: Final = re.compile(r"(?:([0-9]+(?:\.[0-9]{1,3})?)|([1-9][0-9]*)m)\Z")
_MEMORY: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)(Ki|Mi|Gi|Ti|k|M|G|T)\Z")
_BYTES: Final = {"k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40}


@dataclass(frozen=True, slots=True)
class Amount:
    """Request and limit as Kubernetes quantities."""

    request: str
    limit: str


def parse_cpu(value: object) -> Amount:
    """Cores. Raises MistakeError."""
    return _amount(value, _cores, millicores)


def parse_memory(value: object) -> Amount:
    """Memory with its unit. Raises MistakeError."""
    return _amount(value, _memory, size)


def millicores(quantity: str) -> int:
    """A quantity of cores, in thousandths."""
    return int(quantity[:-1]) if quantity.endswith("m") else int(quantity) * 1000


def size(quantity: str) -> Decimal:
    """A quantity of memory, in bytes."""
    match = _MEMORY.match(quantity)
    assert match is not None  # only canonical quantities come here
    return Decimal(match[1]) * _BYTES[match[2]]


def _amount(value: object, one: Callable[[str], str], measure: Callable[[str], int | Decimal]) -> Amount:
    if isinstance(value, dict):
        for key in ("request", "limit"):
            if key not in value:
                raise MistakeError(value, "a mapping with request and limit")
        extra = next((key for key in value if key not in ("request", "limit")), None)
        if extra is not None:
            raise MistakeError(extra, "request or limit", at=(extra,))
        low, high = one(scalar(value["request"], "a quantity")), one(scalar(value["limit"], "a quantity"))
    else:
        first, sign, second = narrow(scalar(value, "a quantity, or a range such as 1~2")).partition("~")
        low = one(first.strip())
        high = one(second.strip()) if sign else low
    if measure(low) > measure(high):
        raise MistakeError(f"{low}~{high}", "a request that is not above the limit", hint=f"write {high}~{low}")
    return Amount(low, high)


def _cores(text: str) -> str:
    match = _CPU.match(text)
    milli = int(Decimal(match[1]) * 1000 if match and match[1] else (match[2] if match else 0))
    if match is None or not milli:
        raise MistakeError(text, "cores, such as 5, 0.5 or 500m")
    return str(milli // 1000) if milli % 1000 == 0 else f"{milli}m"


def _memory(text: str) -> str:
    match = _MEMORY.match(text)
    if match is None or not size(text):
        raise MistakeError(text, "memory with its unit, such as 5G or 512Mi", hint=_memory_hint(text))
    return text


def _memory_hint(text: str) -> str:
    if re.fullmatch(r"[0-9]+", text):
        return f"write {text}G, or {text}Gi"
    lower = re.fullmatch(r"([0-9]+)([gmt])(i?)b?", text.lower())
    return f"write {lower[1]}{lower[2].upper()}{lower[3]}" if lower else ""


def _schema(pattern: str, *, number: bool) -> WithJsonSchema:
    plain = [{"type": "number", "exclusiveMinimum": 0}] if number else []
    pair = {
        "type": "object",
        "properties": {"request": {"type": ["string", "number"]}, "limit": {"type": ["string", "number"]}},
        "required": ["request", "limit"],
        "additionalProperties": False,
    }
    return WithJsonSchema({"anyOf": [*plain, {"type": "string", "pattern": pattern}, pair]})


CpuField = Annotated[
    Amount, PlainValidator(parse_cpu), _schema(r"^\s*[0-9.]+m?(\s*[~～]\s*[0-9.]+m?)?\s*$", number=True)
]
MemoryField = Annotated[
    Amount,
    PlainValidator(parse_memory),
    _schema(r"^\s*[0-9.]+([KMGT]i|[kMGT])(\s*[~～]\s*[0-9.]+([KMGT]i|[kMGT]))?\s*$", number=False),
]

"""`cpu: 5`, `cpu: 1~2`, `memory: 5G`, `memory: 2G~4G`: the request of a replica, and its limit.

Source: Kubernetes API reference, Quantity. Without a range, request and limit are equal (Guaranteed pods). Amounts are
stored in the form that an API server prints (`0.5` is `500m`, `1024Mi` is `1Gi`), so that delivery tools see no
difference.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Final

from msgspec import Struct

from generator.core.regex import regex
from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.parser import JsonSchema, Parser
from generator.spec.values.text import bounds, check_keys, prefix_errors, scalar

if TYPE_CHECKING:
    from collections.abc import Callable

_CPU: Final = regex(r"(?:((?:0|[1-9][0-9]{0,8})(?:\.[0-9]{1,3})?)|([1-9][0-9]{0,8})m)\Z")
# Units that people write after a number of cores, or of thousandths of a core.
_CORES: Final = regex(r"(\d+(?:\.\d+)?)\s*(?:v?cpus?|cores?)\Z", re.IGNORECASE)
_MILLI: Final = regex(r"(\d+)\s*(?:M|milli(?:cores?|cpus?)?)\Z")
_MEMORY: Final = regex(r"((?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,6})?)(Ki|Mi|Gi|Ti|k|M|G|T)\Z")
_LOOSE: Final = regex(r"([0-9]{1,15})\s*([kmgt])(i?)b?\Z", re.IGNORECASE)
_DECIMAL: Final = {"T": 10**12, "G": 10**9, "M": 10**6, "k": 10**3}
_BINARY: Final = {"Ti": 2**40, "Gi": 2**30, "Mi": 2**20, "Ki": 2**10}
_BYTES: Final = _DECIMAL | _BINARY
# The units from M on.
_LARGEST_FIRST: Final = sorted(
    ((unit, factor) for unit, factor in _BYTES.items() if factor >= _DECIMAL["M"]), key=lambda entry: -entry[1]
)
# Kubernetes API reference, Quantity: every form that an API server reads, because patches and templates may use it.
_QUANTITY: Final = regex(r"([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+))(?:([numkMGTPE]|[KMGTPE]i)|[eE]([+-]?[0-9]{1,3}))?\Z")
_SUFFIXES: Final = {
    **{
        suffix: Decimal(10) ** (3 * power)
        for power, suffix in enumerate(("n", "u", "m", "", "k", "M", "G", "T", "P", "E"), -3)
    },
    **{f"{suffix}i": Decimal(2) ** (10 * power) for power, suffix in enumerate("KMGTPE", 1)},
}


class Amount(Struct, frozen=True):
    """Request and limit as Kubernetes quantities."""

    request: str
    limit: str


def parse_cpu(value: object) -> Amount:
    """Parse CPU cores: a quantity or a range. Raises InvalidValueError."""
    return _amount(value, cores, millicores)


def parse_memory(value: object) -> Amount:
    """Parse memory with its unit: a quantity or a range. Raises InvalidValueError."""
    return _amount(value, memory, size)


def millicores(quantity: str) -> int:
    """Return a canonical quantity of cores in thousandths of a core."""
    return int(quantity[:-1]) if quantity.endswith("m") else int(quantity) * 1000


@lru_cache(maxsize=4096)
def size(quantity: str) -> int:
    """Return a canonical quantity of memory in bytes."""
    match = _MEMORY.match(quantity)
    assert match is not None  # callers pass canonical quantities only
    return int(match[1]) * _BYTES[match[2]]


@lru_cache(maxsize=4096)
def format_bytes(total: int) -> str:
    """Return bytes as a canonical quantity; a size that no unit divides is rounded up to Mi."""
    for unit, factor in _LARGEST_FIRST:
        if total % factor == 0:
            return f"{total // factor}{unit}"
    return format_bytes(-(-total // _BYTES["Mi"]) * _BYTES["Mi"])


def amount(quantity: object) -> Decimal | None:
    """Return the number that a quantity of any form means, also of `500m` and `1e3`; None if it is not a quantity."""
    match = _QUANTITY.match(str(quantity))
    if match is None:
        return None
    return Decimal(match[1]) * (Decimal(10) ** int(match[3]) if match[3] else _SUFFIXES[match[2] or ""])


def one_of_cores(value: object) -> str:
    """Parse one quantity of cores. Raises InvalidValueError."""
    return cores(scalar(value, "cores, such as 5, 0.5 or 500m"))


def one_size(value: object) -> str:
    """Parse one quantity of memory. Raises InvalidValueError."""
    return memory(scalar(value, "memory with its unit, such as 5G or 512Mi"))


def cores(text: str) -> str:
    """Return the canonical quantity of cores for `5`, `0.5` or `500m`. Raises InvalidValueError."""
    match = _CPU.match(text)
    milli = int(Decimal(match[1]) * 1000 if match and match[1] else (match[2] if match else 0))
    if not milli:
        raise InvalidValueError(text, "cores, such as 5, 0.5 or 500m", hint=_cores_hint(text))
    return str(milli // 1000) if milli % 1000 == 0 else f"{milli}m"


def _cores_hint(text: str) -> str:
    whole, milli = _CORES.match(text), _MILLI.match(text)
    meant = whole[1] if whole else f"{milli[1]}m" if milli else f"0{text}" if text.startswith(".") else ""
    return f"write {meant}" if _CPU.match(meant) else ""


def memory(text: str) -> str:
    """Return the canonical quantity of memory for `5G`, `1.5Gi` or `512Mi`. Raises InvalidValueError."""
    match = _MEMORY.match(text)
    amount = Decimal(match[1]) * _BYTES[match[2]] if match else Decimal(0)
    if match is None or not amount:
        raise InvalidValueError(text, "memory with its unit, such as 5G or 512Mi", hint=_memory_hint(text))
    units = _BINARY if match[2] in _BINARY else _DECIMAL
    unit = next((unit for unit, factor in units.items() if amount % factor == 0), None)
    if unit is None:
        small = "Mi" if match[2] in _BINARY else "M"
        hint = f"write {int(amount // _BYTES[small]) + 1}{small}"
        raise InvalidValueError(text, "memory in whole kilobytes", hint=hint)
    return f"{int(amount // units[unit])}{unit}"


def _amount(value: object, one: Callable[[str], str], measure: Callable[[str], int]) -> Amount:
    if isinstance(value, dict):
        check_keys(value, ("request", "limit"), required=("request", "limit"))
        with prefix_errors("request"):
            low = one(scalar(value["request"], "a quantity"))
        with prefix_errors("limit"):
            high = one(scalar(value["limit"], "a quantity"))
    else:
        low, high = map(one, bounds(value, "a quantity, or a range such as 1~2"))
    if measure(low) > measure(high):
        raise InvalidValueError(f"{low}~{high}", "a request of at most the limit", hint=f"write {high}~{low}")
    return Amount(low, high)


def _memory_hint(text: str) -> str:
    if re.fullmatch(r"[1-9][0-9]{0,14}", text):
        return f"write {text}G, or {text}Gi"
    match = _LOOSE.match(text)
    if match is None or not int(match[1]):
        return ""
    unit = match[2].lower() if match[2] in "kK" and not match[3] else match[2].upper()
    return f"write {int(match[1])}{unit}{match[3].lower()}"


def _schema(pattern: str, *, number: bool) -> JsonSchema:
    plain = [{"type": "number", "exclusiveMinimum": 0}] if number else []
    one = {"type": ["string", "number"]} if number else {"type": "string"}
    pair = {
        "type": "object",
        "properties": {"request": one, "limit": one},
        "required": ["request", "limit"],
        "additionalProperties": False,
    }
    whole = rf"^\s*{pattern}(\s*[-~～〜－]\s*{pattern})?\s*$"
    return JsonSchema({"anyOf": [*plain, {"type": "string", "pattern": whole}, pair]})


CpuField = Annotated[Amount, Parser(parse_cpu), _schema(r"[0-9]+(\.[0-9]+)?m?", number=True)]
MemoryField = Annotated[Amount, Parser(parse_memory), _schema(r"[0-9]+(\.[0-9]+)?([KMGT]i|[kMGT])", number=False)]
Cores = Annotated[str, Parser(one_of_cores), JsonSchema({"type": ["string", "number"], "pattern": r"^[0-9.]+m?$"})]
Size = Annotated[
    str,
    Parser(one_size),
    JsonSchema({"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?([KMGT]i|[kMGT])$"}),
]

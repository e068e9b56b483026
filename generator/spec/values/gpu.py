"""`gpu: 2`, `0.2(T4)`, `2(V100-32G)`, `-1`, `1(npu,910B)`, `8G,0.2(T4)`: whole cards, or a share of one card."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Final

from pydantic import PlainValidator, WithJsonSchema

from generator.spec.values.mistake import MistakeError
from generator.spec.values.text import narrow, scalar

_FORM: Final = re.compile(
    r"(?:(?P<memory>[0-9]+(?:\.[0-9]+)?)(?P<unit>Gi?|Mi?)\s*,\s*)?"
    r"(?P<number>-?[0-9]+(?:\.[0-9]+)?)"
    r"(?:\s*\((?P<inside>[^()]*)\))?\Z",
    re.IGNORECASE,
)
_VENDORS: Final = frozenset(["nvidia", "npu", "ascend", "dcu", "mlu", "amd", "gpu"])
_WORD: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*\Z")
_EXPECTED: Final = "whole cards or a share of one, such as 2, 0.2(T4) or 2(V100-32G)"


@dataclass(frozen=True, slots=True)
class Gpu:
    """A request for cards.

    `count`: whole cards; `percent`: of one card, 1 to 99; `shared`: any card, without an account of it;
    `memory_mib`: the memory of a share, where it is given by itself; `card` is upper case.
    """

    count: int = 0
    percent: int | None = None
    shared: bool = False
    memory_mib: int | None = None
    vendor: str | None = None
    card: str | None = None


def parse(value: object) -> Gpu:
    """A request from its compact form, or {count | percent | shared, memory, vendor, card}. Raises MistakeError."""
    if isinstance(value, dict):
        return _mapping(value)
    text = narrow(scalar(value, _EXPECTED)).strip()
    match = _FORM.match(text)
    if match is None:
        raise MistakeError(value, _EXPECTED, hint=_hint(text))
    vendor, card = _inside(match["inside"])
    memory = _mib(match["memory"], match["unit"]) if match["memory"] else None
    return _asked(value, Decimal(match["number"]), memory, vendor, card)


def _asked(value: object, number: Decimal, memory: int | None, vendor: str | None, card: str | None) -> Gpu:
    if number == -1:
        return Gpu(shared=True, vendor=vendor, card=card)
    if number < 0:
        raise MistakeError(value, "a number of cards, or -1 for any card without an account of it")
    if number == number.to_integral_value():
        if memory is not None:
            raise MistakeError(value, "memory beside a share of a card only", hint="write 8G,0.2(T4)")
        return Gpu(count=int(number), vendor=vendor, card=card)
    if number > 1:
        raise MistakeError(value, "whole cards, or a share below 1", hint=f"write {int(number)} or {int(number) + 1}")
    percent = number * 100
    if percent != percent.to_integral_value():
        raise MistakeError(value, "a share in whole hundredths", hint=f"write {max(round(percent), 1) / 100:.2f}")
    return Gpu(percent=int(percent), memory_mib=memory, vendor=vendor, card=card)


def _inside(text: str | None) -> tuple[str | None, str | None]:
    """`T4`, `npu`, or `npu,910B`: vendor and card."""
    if text is None:
        return None, None
    words = [word.strip() for word in text.split(",")]
    if len(words) > 2 or not all(_WORD.match(word) for word in words):
        raise MistakeError(
            f"({text})", "a card in the parentheses, or a vendor and a card", hint="write 1(T4) or 1(npu,910B)"
        )
    vendor = words[0].lower() if words[0].lower() in _VENDORS else None
    if vendor is None and len(words) == 2:
        raise MistakeError(words[0], f"a vendor: {', '.join(sorted(_VENDORS))}")
    rest = words[1:] if vendor else words
    return vendor, rest[0].upper() if rest else None


def _mib(number: str, unit: str) -> int:
    return int(Decimal(number) * (1024 if unit[0] in "Gg" else 1))


def _hint(text: str) -> str:
    if text.count("(") != text.count(")"):
        return f"close the parenthesis: {text.rstrip(')')})"
    word = re.fullmatch(r"\(?([A-Za-z][A-Za-z0-9-]*)\)?", text)
    return f"write how many: 1({word[1].upper()})" if word else ""


def _mapping(value: dict[str, object]) -> Gpu:
    known = ("count", "percent", "shared", "memory", "vendor", "card")
    for key in value:
        if key not in known:
            raise MistakeError(key, ", ".join(known), at=(key,))
    numbers = [key for key in ("count", "percent", "shared") if key in value]
    if len(numbers) != 1:
        raise MistakeError(value, "one of count, percent and shared")
    key = numbers[0]
    text = scalar(value[key], "a number")
    number = {"count": text, "percent": f"0.{text:0>2}", "shared": "-1"}[key]
    names = ",".join(scalar(value[name], "a name") for name in ("vendor", "card") if name in value)
    memory = f"{scalar(value['memory'], 'memory such as 8G')}," if "memory" in value else ""
    return parse(f"{memory}{number}" + (f"({names})" if names else ""))


GpuField = Annotated[
    Gpu,
    PlainValidator(parse),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "number"},
                {"type": "string"},
                {
                    "type": "object",
                    "properties": {
                        "count": {"type": "integer", "minimum": 0},
                        "percent": {"type": "integer", "minimum": 1, "maximum": 99},
                        "shared": {"const": True},
                        "memory": {"type": "string"},
                        "vendor": {"enum": sorted(_VENDORS)},
                        "card": {"type": "string"},
                    },
                    "additionalProperties": False,
                },
            ]
        }
    ),
]

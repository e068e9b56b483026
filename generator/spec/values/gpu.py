"""`gpu: 2`, `0.2(T4)`, `2(V100-32G)`, `-1`, `1(npu,910B)`, `8G,0.2(T4)`: whole cards, or a share of one card."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Final, TypeVar

from msgspec import Struct

from generator.core.regex import regex
from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.parser import JsonSchema, Parser
from generator.spec.values.scalars import TEXTS_SCHEMA, boolean
from generator.spec.values.text import (
    check_keys,
    closest,
    each,
    prefix_errors,
    scalar,
    to_ascii_punctuation,
    whole_number,
)

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

_FORM: Final = regex(
    r"(?:(?P<memory>[^,()]*),)?\s*(?P<number>-?(?:0|[1-9][0-9]{0,3})(?:\.[0-9]{1,9})?)\s*(?:\((?P<inside>[^()]*)\))?\Z"
)
_MEMORY: Final = regex(r"([1-9][0-9]{0,6})(G|M)i?\Z", re.IGNORECASE)
_VENDORS: Final = ("amd", "ascend", "dcu", "gpu", "metax", "mlu", "npu", "nvidia")
# The vendor that a word means, where it is not the word itself.
_MAKERS: Final = {"gpu": "nvidia", "npu": "ascend"}
# A number and a card as people say it: `1 T4`, `2xA100`.
_COUNTED: Final = regex(r"([1-9][0-9]{0,2}|0\.[0-9]{1,2})(?:\s*[x*×]\s*|\s+)([A-Za-z][A-Za-z0-9-]*)\Z")
# Cards are compared with node labels, whose values have at most 63 characters.
_CARD: Final = regex(r"[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?\Z")
_MOST: Final = 9999
_EXPECTED: Final = "whole cards or a share of one, such as 2, 0.2(T4) or 2(V100-32G)"
_KEYS: Final = ("count", "percent", "shared", "memory", "vendor", "card")


class Gpu(Struct, frozen=True):
    """A request for cards.

    `count`: whole cards; `percent`: a share of one card, 1 to 99; `shared`: any card, without accounting for its use;
    `memory_mib`: the memory of a share, if it is given separately; `card` is in upper case.
    """

    count: int = 0
    percent: int | None = None
    shared: bool = False
    memory_mib: int | None = None
    vendor: str | None = None
    card: str | None = None

    @property
    def has_card(self) -> bool:
        """Whether any card, or a share of one, is requested."""
        return bool(self.count or self.percent or self.shared or self.memory_mib)

    @property
    def maker(self) -> str | None:
        """Whose cards they are, if the request says so, by the word that the catalog uses."""
        return _MAKERS.get(self.vendor or "", self.vendor)


def parse(value: object) -> Gpu:
    """Parse a request from its compact form, or {count | percent | shared, memory, vendor, card}.

    Raises InvalidValueError.
    """
    if isinstance(value, dict):
        return _mapping(value)
    text = to_ascii_punctuation(scalar(value, _EXPECTED)).strip()
    match = _FORM.match(text)
    if match is None:
        raise InvalidValueError(value, _EXPECTED, hint=_hint(text))
    vendor, card = _inside(match["inside"])
    memory = _mib(match["memory"].strip()) if match["memory"] is not None else None
    return _asked(text, Decimal(match["number"]), memory, vendor, card)


def _asked(text: str, number: Decimal, memory: int | None, vendor: str | None, card: str | None) -> Gpu:
    if 0 < number < 1:
        return Gpu(percent=_percent(text, number, _kind(vendor, card)), memory_mib=memory, vendor=vendor, card=card)
    if number < 0 and number != -1:
        expected = "a number of cards, or -1 for any card without an account of it"
        raise InvalidValueError(text, expected, hint="write -1, or the number of cards")
    if number % 1:
        kind = _kind(vendor, card)
        hint = f"write {int(number)}{kind} or {int(number) + 1}{kind}"
        raise InvalidValueError(text, "whole cards, or a share below 1", hint=hint)
    if memory is not None:
        raise InvalidValueError(text, "memory only with a share of a card", hint="write a share, such as 8G,0.2(T4)")
    return Gpu(count=max(int(number), 0), shared=number == -1, vendor=vendor, card=card)


def _kind(vendor: str | None, card: str | None) -> str:
    return f"({','.join(filter(None, (vendor, card)))})" if vendor or card else ""


def _percent(text: str, number: Decimal, kind: str) -> int:
    percent = number * 100
    if percent % 1:
        nearest = min(max(round(percent), 1), 99)
        raise InvalidValueError(text, "a share with at most two decimals", hint=f"write 0.{nearest:02}{kind}")
    return int(percent)


def _inside(text: str | None) -> tuple[str | None, str | None]:
    """Return vendor and card of `T4`, `npu`, or `npu,910B`."""
    if text is None:
        return None, None
    words = [word.strip() for word in text.split(",")]
    if not all(words) or len(words) > 2:
        expected = "a card, or a vendor and a card, in the parentheses"
        raise InvalidValueError(f"({text})", expected, hint="for example 1(T4), or 1(npu,910B)")
    if len(words) == 2:
        return _vendor(words[0]), _card(words[1])
    return (words[0].lower(), None) if words[0].lower() in _VENDORS else (None, _card(words[0]))


def _vendor(word: str) -> str:
    if word.lower() not in _VENDORS:
        hint = closest(word.lower(), _VENDORS) or "the vendor comes first: 1(npu,910B)"
        raise InvalidValueError(word, f"a vendor: {', '.join(_VENDORS)}", hint=hint)
    return word.lower()


def _card(word: str) -> str:
    if not _CARD.match(word):
        raise InvalidValueError(word, "a card's name, such as T4 or V100-32G")
    return word.upper()


def format_gpu(gpu: Gpu) -> str:
    """Return a request in its compact form, which parses to the same."""
    number = "-1" if gpu.shared else f"{gpu.percent / 100:g}" if gpu.percent else str(gpu.count)
    memory = f"{gpu.memory_mib}M," if gpu.memory_mib else ""
    return f"{memory}{number}{_kind(gpu.vendor, gpu.card)}"


def card_names(value: object) -> tuple[str, ...]:
    """Parse names of cards from `a,b` or a list, which may be empty. Raises InvalidValueError."""
    return () if value == [] else each(value, "names of cards, such as T4", _card)


def card_name(value: object) -> str:
    """Parse the name of one card. Raises InvalidValueError."""
    return _card(scalar(value, "the name of a card, such as T4"))


def _mib(text: str) -> int:
    match = _MEMORY.match(text)
    if match is None:
        raise InvalidValueError(
            text, "a card's memory in whole G or M, such as 8G", hint="for example 8G,0.2(T4), with the memory first"
        )
    return int(match[1]) * (1024 if match[2] in "Gg" else 1)


def _hint(text: str) -> str:
    if text.count("(") == text.count(")") + 1:
        return f"close the parenthesis: {text})"
    if counted := _COUNTED.match(text):
        return f"write {counted[1]}({counted[2].upper()})"
    word = re.fullmatch(r"\(?([A-Za-z][A-Za-z0-9-]*)\)?", text)
    return f"write the number of cards: 1({word[1].upper()})" if word else ""


def _mapping(value: dict[str, object]) -> Gpu:
    check_keys(value, _KEYS)
    numbers = [key for key in ("count", "percent", "shared") if key in value]
    if len(numbers) != 1:
        raise InvalidValueError(
            value, "one of count, percent and shared", hint="for example {count: 1}, or {percent: 20}"
        )
    if "memory" in value and numbers != ["percent"]:
        raise InvalidValueError(
            "memory", "memory only with percent", hint="for example {percent: 20, memory: 8G}", at=("memory",)
        )
    return Gpu(
        count=_read(value, "count", _count) or 0,
        percent=_read(value, "percent", _whole_percent),
        shared=_read(value, "shared", _shared) or False,
        memory_mib=_read(value, "memory", _mib),
        vendor=_read(value, "vendor", _vendor),
        card=_read(value, "card", _card),
    )


def _read(value: dict[str, object], key: str, one: Callable[[str], T]) -> T | None:
    if key not in value:
        return None
    with prefix_errors(key):
        return one(scalar(value[key], "a single value"))


def _count(text: str) -> int:
    return whole_number(text, 0, _MOST, "a number of cards")


def _whole_percent(text: str) -> int:
    return whole_number(text, 1, 99, "a percentage of one card, from 1 to 99")


def _shared(text: str) -> bool:
    if not boolean(text):
        raise InvalidValueError(text, "true", hint="write {count: 0} for no card")
    return True


CardName = Annotated[str, Parser(card_name), JsonSchema({"type": ["string", "number"]})]
CardNames = Annotated[tuple[str, ...], Parser(card_names), TEXTS_SCHEMA]
GpuField = Annotated[
    Gpu,
    Parser(parse),
    JsonSchema(
        {
            "anyOf": [
                {"type": "number", "minimum": -1},
                {
                    "type": "string",
                    "pattern": r"^\s*([0-9]+[GMgm]i?\s*[,，])?\s*-?[0-9]+(\.[0-9]+)?\s*([(（].+[)）])?\s*$",
                },
                {
                    "type": "object",
                    "properties": {
                        "count": {"type": "integer", "minimum": 0},
                        "percent": {"type": "integer", "minimum": 1, "maximum": 99},
                        "shared": {"const": True},
                        "memory": {"type": "string"},
                        "vendor": {"enum": list(_VENDORS)},
                        "card": {"type": ["string", "number"]},
                    },
                    "additionalProperties": False,
                },
            ]
        }
    ),
]

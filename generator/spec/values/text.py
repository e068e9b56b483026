"""What all grammars share: lists written with commas, and whole numbers without YAML's surprises."""

from __future__ import annotations

import re
from typing import Final

from generator.spec.values.mistake import MistakeError

# Full-width forms come from Chinese keyboards and mean the same.
_WIDE: Final = str.maketrans("，；：％（）～", ",;:%()~")
_WHOLE: Final = re.compile(r"0|[1-9][0-9]*\Z")


def narrow(text: str) -> str:
    """Full-width punctuation as its ASCII form."""
    return text.translate(_WIDE)


def scalar(value: object, expected: str) -> str:
    """The text of a scalar, without outer spaces. Raises MistakeError on anything else."""
    if not isinstance(value, str):
        raise MistakeError(value, expected)
    return value.strip()


def items(value: object, expected: str) -> list[str]:
    """The parts of `a,b`, `a;b` or `[a, b]`; never empty, no empty part. Raises MistakeError."""
    if isinstance(value, list):
        parts = [scalar(part, expected) for part in value]
    else:
        parts = [part.strip() for part in re.split(r"[,;]", narrow(scalar(value, expected)))]
    if not all(parts) or not parts:
        raise MistakeError(value, f"{expected}, without empty parts", hint="remove the extra comma")
    return parts


def whole_number(value: object, low: int, high: int, expected: str) -> int:
    """A decimal number between `low` and `high`. `010`, `1_000` and `1.0` are refused. Raises MistakeError."""
    text = scalar(value, expected)
    if not _WHOLE.fullmatch(text) or not low <= int(text) <= high:
        raise MistakeError(value, expected)
    return int(text)

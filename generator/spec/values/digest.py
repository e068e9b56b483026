"""`sha256:<64 hex digits>`, `md5:<32>`: a checksum of a model, with its algorithm."""

from __future__ import annotations

from typing import Annotated, Final

from generator.core.regex import regex
from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.parser import JsonSchema, Parser
from generator.spec.values.text import closest, scalar

_LENGTHS: Final = {"sha256": 64, "sha512": 128, "sha1": 40, "md5": 32}
_HEX: Final = regex(r"[0-9a-f]+\Z")
_EXPECTED: Final = "a checksum with its algorithm, such as sha256:…"


def parse(value: object) -> str:
    """Return the checksum in lower case. Raises InvalidValueError."""
    text = scalar(value, _EXPECTED).lower()
    algorithm, colon, digits = text.partition(":")
    if not colon:
        raise InvalidValueError(value, _EXPECTED, hint=_bare(text))
    if algorithm not in _LENGTHS:
        expected = f"one of the algorithms {', '.join(_LENGTHS)}"
        raise InvalidValueError(algorithm, expected, hint=closest(algorithm, _LENGTHS))
    length = _LENGTHS[algorithm]
    if not _HEX.match(digits):
        raise InvalidValueError(value, f"{length} hexadecimal digits after {algorithm}:")
    if len(digits) != length:
        raise InvalidValueError(value, f"{length} hexadecimal digits after {algorithm}:, not {len(digits)}")
    return text


def _bare(text: str) -> str:
    """Return a hint for digits without an algorithm, such as `md5:…`: the number of digits identifies the algorithm."""
    fitting = [name for name, length in _LENGTHS.items() if _HEX.match(text) and len(text) == length]
    return f"write {fitting[0]}:{text}" if fitting else ""


Digest = Annotated[
    str,
    Parser(parse),
    JsonSchema({"type": "string", "pattern": r"^\s*[A-Za-z0-9]+:[0-9a-fA-F]{32,128}\s*$"}),
]

"""`release: 26.07`: the year and the month of a release of NVIDIA's containers."""

from __future__ import annotations

from typing import Annotated, Final

from generator.core.regex import regex
from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.parser import JsonSchema, Parser
from generator.spec.values.text import scalar

_FORM: Final = regex(r"([0-9]{2}\.(?:0[1-9]|1[0-2]))(?:-[a-z0-9-]+)?\Z")
_EXPECTED: Final = "the release of NVIDIA's container, such as 26.07"


def parse(value: object) -> str:
    """Return the year and the month of a release. Raises InvalidValueError."""
    text = scalar(value, _EXPECTED)
    match = _FORM.match(text.strip())
    if match is None:
        raise InvalidValueError(text, _EXPECTED)
    if match[1] != text:
        raise InvalidValueError(text, _EXPECTED, hint=f"write {match[1]}")
    return text


ContainerRelease = Annotated[
    str,
    Parser(parse),
    JsonSchema({"type": ["string", "number"], "pattern": r"^[0-9]{2}\.(0[1-9]|1[0-2])$"}),
]

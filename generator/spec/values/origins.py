"""`https://app.example.com`, `https://*.example.com` or `*`: the web pages that may call a service from a browser.

Source: RFC 6454, section 7 (the header Origin has no path and no final slash); Gateway API reference, HTTPCORSFilter.
"""

from __future__ import annotations

import re
from typing import Annotated, Final

from generator.core.regex import regex
from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.parser import Parser
from generator.spec.values.scalars import TEXTS_SCHEMA
from generator.spec.values.text import each

ANY: Final = "*"
_LABEL: Final = r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?"
_ORIGIN: Final = regex(rf"https?://(?:\*\.)?{_LABEL}(?:\.{_LABEL})*(?::[1-9][0-9]{{0,4}})?\Z")
_EXPECTED: Final = "an origin such as https://app.example.com"


def parse(value: object) -> tuple[str, ...]:
    """Parse origins from a list or a comma-separated string. Raises InvalidValueError."""
    return each(value, _EXPECTED, _origin)


def _origin(text: str) -> str:
    plain = text.lower()
    if plain == ANY or _ORIGIN.match(plain):
        return plain
    scheme, sign, rest = plain.partition("://")
    whole = f"{scheme}://{rest.partition('/')[0]}" if sign else f"https://{plain.partition('/')[0]}"
    raise InvalidValueError(text, _EXPECTED, hint=f"write {whole}" if _ORIGIN.match(whole) else "")


def to_expression(origin: str) -> str | None:
    """Return the regular expression of an origin that is a pattern, None of one that is exact."""
    if origin == ANY:
        return ".*"
    if "*" not in origin:
        return None
    before, _, after = origin.partition("*")
    return f"{re.escape(before)}[-a-z0-9.]+{re.escape(after)}"


Origins = Annotated[tuple[str, ...], Parser(parse), TEXTS_SCHEMA]

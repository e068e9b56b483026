"""`GET,POST` and `content-type,x-team`: names of methods and of headers.

Sources: Gateway API reference, HTTPCORSFilter; RFC 9110, section 5.6.2 (token).
"""

from __future__ import annotations

import re
from typing import Annotated, Final

from generator.core.regex import regex
from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.parser import JsonSchema, Parser
from generator.spec.values.scalars import TEXTS_SCHEMA
from generator.spec.values.text import closest, each, scalar

_METHODS: Final = ("GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH")
_TOKEN: Final = regex(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+\Z")


def methods(value: object) -> tuple[str, ...]:
    """Parse methods, in any case, from a list or a comma-separated string. Raises InvalidValueError."""
    return tuple(dict.fromkeys(each(value, "a method such as GET", _method)))


def tokens(value: object) -> tuple[str, ...]:
    """Parse names of headers, in lower case, from a list or a comma-separated string. Raises InvalidValueError."""
    return tuple(dict.fromkeys(each(value, "a header such as content-type", lambda text: token(text).lower())))


def token(value: object) -> str:
    """Return the name of a header or cookie. Raises InvalidValueError."""
    text = scalar(value, "a name")
    if not _TOKEN.match(text):
        plain = re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-")
        expected = "a name without spaces, colons and commas"
        raise InvalidValueError(text, expected, hint=f"write {plain}" if plain else "")
    return text


def _method(text: str) -> str:
    if text.upper() not in _METHODS:
        raise InvalidValueError(text, f"one of the methods {', '.join(_METHODS)}", hint=closest(text.upper(), _METHODS))
    return text.upper()


Methods = Annotated[tuple[str, ...], Parser(methods), TEXTS_SCHEMA]
HeaderNames = Annotated[tuple[str, ...], Parser(tokens), TEXTS_SCHEMA]
Token = Annotated[str, Parser(token), JsonSchema({"type": "string"})]

"""`s3://models`, `hf`, `https://models.example.com`: the start of addresses that need the same credentials."""

from __future__ import annotations

import re
from typing import Annotated, Final

from generator.core.regex import regex
from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.parser import JsonSchema, Parser
from generator.spec.values.text import closest, scalar

SCHEMES: Final = ("https", "http", "s3", "gs", "hf", "oci")
_EXPECTED: Final = "a scheme, or the start of an address, such as hf, s3://models or https://models.example.com"
_PREFIX: Final = regex(rf"(?:{'|'.join(SCHEMES)})(?:://[^\s/@?#]+(?:/[^\s/@?#]+)*)?\Z")


def parse(value: object) -> str:
    """Return the prefix as written. Raises InvalidValueError."""
    text = scalar(value, _EXPECTED)
    if not _PREFIX.match(text):
        raise InvalidValueError("…" if "@" in text else value, _EXPECTED, hint=_hint(text))
    return text


def starts(address: str, prefix: str) -> bool:
    """Return whether an address starts with a prefix that ends where a part of the address ends.

    `https://a.example.com` is not the start of `https://a.example.com:8443/m`, which is another server.
    """
    whole = prefix if "://" in prefix else f"{prefix}:/"
    if not address.startswith(whole):
        return False
    rest = address[len(whole) :]
    ends = "/@:#?" if "/" in prefix.partition("://")[2] else "/?#"
    return not rest or rest[0] in ends


def _hint(text: str) -> str:
    scheme, colon, rest = re.split(r"[@?#]", text)[0].partition(":")
    plain = f"{scheme.lower()}://{rest.strip('/')}" if rest.strip("/") else scheme.lower()
    if "@" not in text and _PREFIX.match(plain):
        return f"write {plain}"
    near = "" if colon else closest(text.lower(), SCHEMES)
    return near or f"known schemes: {', '.join(SCHEMES)}"


SourcePrefix = Annotated[str, Parser(parse), JsonSchema({"type": "string", "pattern": _PREFIX.pattern[:-2] + "$"})]

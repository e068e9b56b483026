"""`path: /detector` or `{prefix: /detector, rewrite: /}`: the part of a host that a service gets.

A prefix ends at a slash: `/a` is for `/a` and `/a/x`, and not for `/ab`. Source: Gateway API reference, HTTPPathMatch,
whose rules for the text of a path apply.
"""

from __future__ import annotations

import re
from typing import Annotated, Final
from urllib.parse import quote

from msgspec import Struct

from generator.core.regex import regex
from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.parser import JsonSchema, Parser
from generator.spec.values.text import check_keys, prefix_errors, scalar

# The characters of a path (RFC 3986, section 3.3) in the form that HTTPPathMatch accepts.
_PATH: Final = regex(r"(?:/(?:[-A-Za-z0-9._~!$&'()*+,;=:@]|%[0-9A-Fa-f]{2})+)*/?\Z")
_SLASH: Final = regex(r"%2f", re.IGNORECASE)
_EXPECTED: Final = "a path such as /detector"
_PATTERN: Final = r"^\s*/"
ROOT: Final = "/"


class PathPrefix(Struct, frozen=True):
    """The prefix of the requests that a service gets, and what replaces it; None to keep it.

    Neither ends in a slash, except the root itself.
    """

    prefix: str
    rewrite: str | None = None


def parse(value: object) -> PathPrefix:
    """Parse a prefix, or a mapping with the keys `prefix` and `rewrite`. Raises InvalidValueError."""
    if not isinstance(value, dict):
        return PathPrefix(_path(value))
    check_keys(value, ("prefix", "rewrite"))
    if "prefix" not in value:
        raise InvalidValueError(value, "the prefix", hint="write {prefix: /detector, rewrite: /}")
    with prefix_errors("prefix"):
        prefix = _path(value["prefix"])
    if "rewrite" not in value:
        return PathPrefix(prefix)
    with prefix_errors("rewrite"):
        rewrite = _path(value["rewrite"])
    return PathPrefix(prefix, rewrite if rewrite != prefix else None)


def _path(value: object) -> str:
    text = scalar(value, _EXPECTED)
    hint = ""
    if not text.startswith("/") and re.fullmatch(r"[-A-Za-z0-9._~/]+", text):
        hint = f"write /{text}"
    elif text.endswith("/*") and _PATH.match(text[:-1]):
        hint = f"write {text[:-2] or ROOT}: a prefix includes everything below it"
    elif text.endswith("*"):
        hint = f"write {text.rstrip('*').rpartition('/')[0] or ROOT}: a prefix ends at a slash, and has no wildcards"
    elif text.startswith("/") and ("//" in text or not text.isascii() or " " in text):
        hint = f"write {quote(re.sub('/+', '/', text), safe='/:@!$&()*+,;=%')}"
    elif "?" in text:
        hint = f"write {text.partition('?')[0]}"
    dots = {".", ".."} & set(text.split("/"))
    if hint or not text.startswith("/") or not _PATH.match(text) or _SLASH.search(text) or dots:
        raise InvalidValueError(value, _EXPECTED, hint=hint)
    return text.rstrip("/") or ROOT


PathField = Annotated[
    PathPrefix,
    Parser(parse),
    JsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": _PATTERN},
                {
                    "type": "object",
                    "properties": {
                        "prefix": {"type": "string", "pattern": _PATTERN},
                        "rewrite": {"type": "string", "pattern": _PATTERN},
                    },
                    "required": ["prefix"],
                    "additionalProperties": False,
                },
            ]
        }
    ),
]

"""Single values with strict types: the reader returns a spec's scalars as strings, and the field's type parses them."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Final, Literal

from generator.core.regex import regex
from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.parser import JsonSchema, Parser
from generator.spec.values.text import items, looks_typed, scalar, whole_number

_LEAST_GRACE: Final = 30
_UNITS: Final = {"s": 1, "m": 60, "h": 3600}
_SPOKEN: Final = regex(r"(\d+)\s*(s|m|h)(?:ecs?|econds?|ins?|inutes?|rs?|ours?)?\Z", re.IGNORECASE)
_DURATION: Final = regex(r"([1-9][0-9]{0,5})(s|m|h)\Z")
# Kubernetes counts seconds in 32 bits; a year is far below that, and longer than any useful duration.
_LONGEST_SECONDS: Final = 366 * 24 * 3600
# RFC 3339, section 5.6, of this millennium; `fromisoformat` alone takes much more (week dates, no separators).
_TIMESTAMP: Final = regex(r"2\d{3}-\d\d-\d\d(?:[T ]\d\d:\d\d:\d\d(?:\.\d{1,6})?(Z|[+-]\d\d:\d\d)?)?\Z", re.ASCII)
_TIME: Final = "a time such as 2026-11-23T10:00:00Z"
QUALIFIED_NAME: Final = regex(
    r"(?:[a-z0-9](?:[-a-z0-9.]{0,251}[a-z0-9])?/)?[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?\Z"
)
# Kubernetes documentation, Labels and Selectors, syntax.
LABEL_VALUE: Final = regex(r"(?=.{0,63}\Z)(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?)?\Z")
_BOOLEANS: Final = {"true": True, "false": False}
_NEARLY: Final = {"yes": "true", "on": "true", "y": "true", "no": "false", "off": "false", "n": "false"}


def text(value: object) -> str:
    """Return a string that is not empty. Raises InvalidValueError."""
    found = scalar(value, "a string")
    if not found:
        raise InvalidValueError(value, "a string")
    return found


def boolean(value: object) -> bool:
    """Parse `true` or `false`; other words are refused. Raises InvalidValueError."""
    found = scalar(value, "true or false")
    if found not in _BOOLEANS:
        nearly = _NEARLY.get(found.lower(), found.lower())
        raise InvalidValueError(value, "true or false", hint=f"write {nearly}" if nearly in _BOOLEANS else "")
    return _BOOLEANS[found]


def integer(value: object) -> int:
    """Parse a whole number from 0. Raises InvalidValueError."""
    return whole_number(value, 0, 2**63 - 1, "a whole number")


def int32(value: object) -> int:
    """Parse a whole number from 0 that fits 32 bits, as many of Istio's counts must. Raises InvalidValueError."""
    return whole_number(value, 0, 2**31 - 1, "a whole number up to 2147483647")


def percent(value: object) -> int:
    """Parse a whole percentage from 0 to 100, with or without `%`. Raises InvalidValueError."""
    found = scalar(value, "a percentage such as 30").removesuffix("%").rstrip()
    return whole_number(found, 0, 100, "a percentage from 0 to 100")


def positive_int32(value: object) -> int:
    """Parse a whole number of 32 bits above 0, where Istio takes 0 for no value. Raises InvalidValueError."""
    return whole_number(value, 1, 2**31 - 1, "a whole number above 0")


def positive_percent(value: object) -> int:
    """Parse a whole percentage from 1 to 100, where Istio takes 0 for no value. Raises InvalidValueError."""
    found = scalar(value, "a percentage such as 30").removesuffix("%").rstrip()
    return whole_number(found, 1, 100, "a percentage from 1 to 100")


def working_directory(value: object) -> str:
    """Return an absolute path. Raises InvalidValueError.

    No container starts in another one. Source: OCI runtime specification, config.md, process.cwd. What nothing
    replaces in a path is another check's (C36).
    """
    found = text(value)
    if not found.startswith(("/", "$", "{")):
        raise InvalidValueError(found, "an absolute path", hint=f"for example /{found.removeprefix('./')}")
    return found


def seconds(value: object) -> int:
    """Return a duration such as `90s`, `15m` or `1h` in seconds, at most a year. Raises InvalidValueError."""
    found = scalar(value, "a duration such as 90s, 15m or 1h")
    match = _DURATION.match(found)
    total = int(match[1]) * _UNITS[match[2]] if match else 0
    if not 0 < total <= _LONGEST_SECONDS:
        spoken = _SPOKEN.match(found)
        meant = f"{spoken[1]}{spoken[2].lower()}" if spoken else f"{found}s"
        hint = f"write {meant}" if _DURATION.match(meant) and meant != found else ""
        raise InvalidValueError(value, "a duration such as 90s, 15m or 1h", hint=hint)
    return total


def request_timeout(value: object) -> int:
    """Return a duration in seconds; 0 for no limit, which streams need. Raises InvalidValueError."""
    return 0 if scalar(value, "a duration such as 90s, 15m or 1h") in ("0", "0s") else seconds(value)


def retries(value: object) -> int:
    """Parse how often a request is repeated, 0 to 5. Raises InvalidValueError."""
    return whole_number(value, 0, 5, "a number from 0 to 5")


def grace_period(value: object) -> int:
    """Return a duration of at least 30 seconds, which the pause before the end needs. Raises InvalidValueError."""
    found = seconds(value)
    if found < _LEAST_GRACE:
        raise InvalidValueError(value, f"at least {_LEAST_GRACE}s", hint=f"write {_LEAST_GRACE}s")
    return found


def timestamp(value: object) -> datetime:
    """Parse a point in time with its time zone, RFC 3339. Raises InvalidValueError."""
    found = scalar(value, _TIME)
    match = _TIMESTAMP.match(found)
    try:
        time = datetime.fromisoformat(found) if match else None
    except ValueError:
        time = None
    if match is None or time is None:
        raise InvalidValueError(value, _TIME, hint="remove it: `servegen deploy` writes the time")
    if not match[1]:
        raise InvalidValueError(value, "a time with a time zone", hint=f"write {time:%Y-%m-%dT%H:%M:%S}Z if it is UTC")
    return time


def user(value: object) -> int | Literal["image"]:
    """Parse a user id, or `image` for the user of the image. Raises InvalidValueError."""
    if isinstance(value, str) and value.strip() == "image":
        return "image"
    found = whole_number(value, 0, 2**31 - 1, "a user id such as 1000, or image")
    if found == 1337:
        expected = "a user id other than 1337, which is the Istio proxy's"
        raise InvalidValueError(value, expected, hint="write 1000, or image")
    return found


def texts(value: object) -> tuple[str, ...]:
    """Parse strings from `a,b` or a list, which may be empty. Raises InvalidValueError."""
    return () if value == [] else tuple(items(value, "a string, or a list of strings"))


def text_map(value: object) -> dict[str, str | None]:
    """Check a mapping of names to strings; a written null removes what an earlier layer set. Raises InvalidValueError.

    Source of the names: Kubernetes documentation, Labels and Selectors, syntax; annotations follow it.
    """
    if not isinstance(value, dict):
        raise InvalidValueError(value, "a mapping of names to strings")
    for name, item in value.items():
        if not QUALIFIED_NAME.match(name):
            expected = "a name of letters, digits, -, _ and ., optionally after a domain and /"
            plain = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-._")
            raise InvalidValueError(
                name, expected, hint=f"for example example.com/{plain}" if plain else "", at=(name,)
            )
        if item is not None and not isinstance(item, str):
            raise InvalidValueError(
                item, "a string", hint='write "" for an empty string, or null to remove it', at=(name,)
            )
    return value


def label_map(value: object) -> dict[str, str | None]:
    """Check labels of a selector: at least one, each with a legal value. Raises InvalidValueError."""
    out = text_map(value)
    if not out:
        raise InvalidValueError(value, "at least one label", hint="for example istio: ingressgateway")
    for name, item in out.items():
        if item is None or not LABEL_VALUE.match(item):
            raise InvalidValueError(item, "at most 63 letters, digits, -, _ and .", at=(name,))
    return out


def annotation_map(value: object) -> dict[str, str | None]:
    """Check a mapping as `text_map` does, and refuse names that kustomize reads as numbers and the like.

    Raises InvalidValueError.
    """
    out = text_map(value)
    for name in out:
        if looks_typed(name):
            expected = "a name that kustomize does not read as a number, a date, true, false or null"
            raise InvalidValueError(name, expected, hint=f"for example example.com/{name}", at=(name,))
    return out


def named_texts(value: object) -> dict[str, str]:
    """Check a mapping of any names to strings. Raises InvalidValueError."""
    if not isinstance(value, dict):
        raise InvalidValueError(value, "a mapping of names to strings")
    for name, item in value.items():
        if not isinstance(item, str):
            raise InvalidValueError(item, "a string", hint='write "" for an empty string', at=(name,))
    return value


Text = Annotated[str, Parser(text), JsonSchema({"type": ["string", "number"]})]
Bool = Annotated[bool, Parser(boolean), JsonSchema({"type": "boolean"})]
Int = Annotated[int, Parser(integer), JsonSchema({"type": "integer", "minimum": 0})]
Duration = Annotated[int, Parser(seconds), JsonSchema({"type": "string", "pattern": "^[1-9][0-9]{0,5}[smh]$"})]
GracePeriod = Annotated[int, Parser(grace_period), JsonSchema({"type": "string", "pattern": "^[1-9][0-9]{0,5}[smh]$"})]
Int32 = Annotated[int, Parser(int32), JsonSchema({"type": "integer", "minimum": 0})]
PositiveInt32 = Annotated[int, Parser(positive_int32), JsonSchema({"type": "integer", "minimum": 1})]
PositivePercent = Annotated[
    int, Parser(positive_percent), JsonSchema({"anyOf": [{"type": "integer", "minimum": 1}, {"type": "string"}]})
]
Percent = Annotated[int, Parser(percent), JsonSchema({"anyOf": [{"type": "integer"}, {"type": "string"}]})]
WorkingDirectory = Annotated[str, Parser(working_directory), JsonSchema({"type": "string", "pattern": "^[/${]"})]
RequestTimeout = Annotated[
    int, Parser(request_timeout), JsonSchema({"type": "string", "pattern": "^(0s?|[1-9][0-9]{0,5}[smh])$"})
]
Retries = Annotated[int, Parser(retries), JsonSchema({"type": ["integer", "string"], "pattern": "^[0-5]$"})]
Timestamp = Annotated[datetime, Parser(timestamp), JsonSchema({"type": "string", "format": "date-time"})]
User = Annotated[
    int | Literal["image"],
    Parser(user),
    JsonSchema({"anyOf": [{"type": "integer", "minimum": 0}, {"const": "image"}]}),
]
TEXTS_SCHEMA: Final = JsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]})
Texts = Annotated[tuple[str, ...], Parser(texts), TEXTS_SCHEMA]
NamedTexts = Annotated[
    dict[str, str],
    Parser(named_texts),
    JsonSchema({"type": "object", "additionalProperties": {"type": ["string", "number", "boolean"]}}),
]
TextMap = Annotated[
    dict[str, str],  # values may be None (removed) until the layers are merged
    Parser(text_map),
    JsonSchema({"type": "object", "additionalProperties": {"type": ["string", "number", "boolean", "null"]}}),
]
LabelMap = Annotated[
    dict[str, str],
    Parser(label_map),
    JsonSchema({"type": "object", "additionalProperties": {"type": "string"}, "minProperties": 1}),
]
AnnotationMap = Annotated[
    dict[str, str],  # values may be None (removed) until the layers are merged
    Parser(annotation_map),
    JsonSchema({"type": "object", "additionalProperties": {"type": ["string", "number", "boolean", "null"]}}),
]

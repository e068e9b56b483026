"""Patterns of names in grants, such as `models-*`: `*` stands for any characters."""

from __future__ import annotations

import re
from functools import cache
from typing import Annotated, Final

from generator.core.regex import regex
from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.parser import Parser
from generator.spec.values.scalars import TEXTS_SCHEMA
from generator.spec.values.text import each

_PLACEHOLDERS: Final = ("{project}", "{environment}")
_BRACES: Final = regex(r"\{[^}]*\}?|\}")
_LABEL: Final = regex(r"[^=\s]+=[^=\s]*\Z")
_FIELD: Final = regex(r"\*|[A-Z][A-Za-z]*(?:\.[A-Za-z][A-Za-z0-9]*)*\Z")


def patterns(value: object) -> tuple[str, ...]:
    """Parse patterns from `a,b` or a list, which may be empty. Raises InvalidValueError."""
    return () if value == [] else each(value, "names, in which * stands for any characters", _pattern)


def label_patterns(value: object) -> tuple[str, ...]:
    """Parse patterns of labels with their values, `key=value`. Raises InvalidValueError."""
    return () if value == [] else each(value, "labels such as pool=models", _label)


def fields(value: object) -> tuple[str, ...]:
    """Parse fields of objects, such as `Deployment.spec.template.spec.volumes`. Raises InvalidValueError."""
    return () if value == [] else each(value, "fields such as Deployment.spec.template.spec.volumes, or *", _field)


def matches(pattern: str, text: str) -> bool:
    """Whether a pattern matches a whole text."""
    return pattern == "*" or _compile(pattern).fullmatch(text) is not None


@cache
def _compile(pattern: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, pattern.split("*"))), re.DOTALL)


def _pattern(text: str) -> str:
    for found in _BRACES.findall(text):
        if found not in _PLACEHOLDERS:
            raise InvalidValueError(text, "no braces but {project} and {environment}")
    return text


def _label(text: str) -> str:
    if text != "*" and not _LABEL.match(text):
        raise InvalidValueError(text, "a label with its value, such as pool=models", hint=f"write {text}=*")
    return _pattern(text)


def _field(text: str) -> str:
    if not _FIELD.match(text):
        hint = "write the kind of the object, then the names of its fields; a list's items have no number"
        raise InvalidValueError(text, "a field such as Deployment.spec.template.spec.volumes, or *", hint=hint)
    return text


Patterns = Annotated[tuple[str, ...], Parser(patterns), TEXTS_SCHEMA]
LabelPatterns = Annotated[tuple[str, ...], Parser(label_patterns), TEXTS_SCHEMA]
Fields = Annotated[tuple[str, ...], Parser(fields), TEXTS_SCHEMA]

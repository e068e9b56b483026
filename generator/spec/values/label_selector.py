"""`zone in (a, b), disk=ssd, !spot`: what labels must be, as `kubectl get --selector` writes it.

A mapping of labels to a value, or to a list of values, means the same: `{disk: ssd, zone: [a, b]}`. Source of the
rules: Kubernetes documentation, Labels and Selectors; `>` and `<` are those of node affinity.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, Literal

from msgspec import Struct

from generator.core.regex import regex
from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.scalars import LABEL_VALUE, QUALIFIED_NAME
from generator.spec.values.text import prefix_errors, scalar, to_ascii_punctuation

if TYPE_CHECKING:
    from collections.abc import Iterator

Operator = Literal["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"]
_EXPECTED: Final = "labels such as disk=ssd, zone in (a, b), !spot"
_OUTER_COMMA: Final = regex(r"[,;](?![^()]*\))")
_FORM: Final = regex(
    r"(?P<not>!)?\s*(?P<key>[^\s=!<>(),]+)"
    r"(?:\s*(?P<sign>==?|!=|>|<)\s*(?P<value>[^\s=!<>(),]*)|\s+(?P<word>in|notin)\s*\((?P<values>[^()]*)\))?\Z"
)
_SIGNS: Final[dict[str, Operator]] = {
    "=": "In",
    "==": "In",
    "!=": "NotIn",
    ">": "Gt",
    "<": "Lt",
    "in": "In",
    "notin": "NotIn",
}


class LabelRequirement(Struct, frozen=True):
    """What one label must be: an item of `matchExpressions`."""

    key: str
    operator: Operator
    values: tuple[str, ...] = ()


# The requirements of each label; None for a label that a mapping removes.
Requirements = dict[str, tuple[LabelRequirement, ...] | None]


def parse(value: object) -> Requirements:
    """Parse requirements from a string, a list of strings, or a mapping. Raises InvalidValueError."""
    if isinstance(value, dict) and value:
        return {key: _entry(key, item) for key, item in value.items()}
    out: dict[str, tuple[LabelRequirement, ...]] = {}
    for found in _list(value) if isinstance(value, list) and value else _text(value):
        out[found.key] = (*out.get(found.key, ()), found)
    return dict(out)


def _list(items: list[object]) -> Iterator[LabelRequirement]:
    for index, item in enumerate(items):
        with prefix_errors(index):
            yield _requirement(to_ascii_punctuation(scalar(item, _EXPECTED)).strip())


def _text(value: object) -> Iterator[LabelRequirement]:
    text = to_ascii_punctuation(scalar(value, _EXPECTED))
    return (_requirement(part.strip()) for part in _OUTER_COMMA.split(text))


def _entry(key: str, item: Any) -> tuple[LabelRequirement, ...] | None:
    with prefix_errors(key):
        label = _key(key)
        if item is None:
            return None
        values = item if isinstance(item, list) and item else [item]
        return (LabelRequirement(label, "In", tuple(_value(scalar(one, "a label's value")) for one in values)),)


def _requirement(text: str) -> LabelRequirement:
    match = _FORM.match(text)
    if match is None or (match["not"] and (match["sign"] or match["word"])):
        raise InvalidValueError(text, _EXPECTED, hint="for example topology.kubernetes.io/zone in (a, b)")
    key, sign = _key(match["key"]), match["sign"] or match["word"]
    if sign is None:
        return LabelRequirement(key, "DoesNotExist" if match["not"] else "Exists")
    values = (match["values"] if match["word"] else match["value"]).split(",")
    if sign in "<>" and not re.fullmatch(r"-?[0-9]{1,18}", values[0]):
        raise InvalidValueError(text, f"a whole number after {sign}")
    return LabelRequirement(key, _SIGNS[sign], tuple(_value(value.strip()) for value in values))


def _key(text: str) -> str:
    if not QUALIFIED_NAME.match(text):
        raise InvalidValueError(text, "a label of letters, digits, -, _ and ., optionally after a domain and /")
    return text


def _value(text: str) -> str:
    if not LABEL_VALUE.match(text):
        raise InvalidValueError(text, "a label's value of at most 63 letters, digits, -, _ and .")
    return text

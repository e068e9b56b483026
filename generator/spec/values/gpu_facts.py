"""The values of a cluster's `gpu`: profiles of MIG, parts of a card, names of resources, a label's value."""

from __future__ import annotations

import re
from typing import Annotated, Final

from generator.core.regex import regex
from generator.spec.values.gpu import card_names
from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.parser import JsonSchema, Parser
from generator.spec.values.scalars import LABEL_VALUE, QUALIFIED_NAME
from generator.spec.values.text import each, prefix_errors, scalar, whole_number

_PROFILE: Final = regex(r"([1-9])g\.([1-9][0-9]{0,2})gb\Z", re.IGNORECASE)
_PROFILES: Final = "profiles of MIG, such as 1g.5gb"
_MOST: Final = 100


def profile_size(profile: str) -> tuple[int, int]:
    """Return the slices for computing and the GB of memory that the name of a MIG profile says."""
    match = _PROFILE.match(profile)
    assert match is not None  # a parsed name
    return int(match[1]), int(match[2])


def profiles(value: object) -> tuple[str, ...]:
    """Parse names of MIG profiles from `a,b` or a list; the smallest comes first. Raises InvalidValueError."""
    return tuple(sorted(each(value, _PROFILES, _profile), key=lambda one: profile_size(one)[::-1]))


def _profile(word: str) -> str:
    if not _PROFILE.match(word):
        raise InvalidValueError(word, "a profile of MIG, such as 1g.5gb", hint="`nvidia-smi mig -lgip` lists them")
    return word.lower()


def card_parts(value: object) -> dict[str, tuple[str, ...]]:
    """Parse the MIG profiles of cards. Raises InvalidValueError."""
    if not isinstance(value, dict):
        raise InvalidValueError(value, "a mapping of cards to profiles", hint="for example {A100-40G: [1g.5gb]}")
    out = {}
    for name, found in value.items():
        with prefix_errors(str(name)):
            out[card_names([name])[0]] = profiles(found)
    return out


def sizes(value: object) -> tuple[int, ...]:
    """Parse sizes in MiB from `a,b` or a list; the smallest comes first. Raises InvalidValueError."""
    return tuple(sorted(each(value, "sizes in MiB, such as 8192", _size)))


def _size(word: str) -> int:
    return whole_number(word, 1, 2**31 - 1, "a size in MiB, such as 8192")


def parts(value: object) -> int:
    """Parse the number of parts of a card. Raises InvalidValueError."""
    return whole_number(value, 2, _MOST, "a number of equal parts")


def label_value(value: object) -> str:
    """Check the value of a label, which is not empty. Raises InvalidValueError."""
    found = scalar(value, "the value of a label")
    if not found or not LABEL_VALUE.match(found):
        raise InvalidValueError(value, "the value of a label: letters, digits, -, _ and ., at most 63")
    return found


def resource_names(value: object) -> dict[str, str]:
    """Parse a mapping of names of extended resources. Raises InvalidValueError."""
    if not isinstance(value, dict):
        example = "for example {nvidia.com/gpu.shared: nvidia.com/gpu}"
        raise InvalidValueError(value, "a mapping of names of resources", hint=example)
    out = {}
    for name, found in value.items():
        with prefix_errors(str(name)):
            out[_resource(name)] = _resource(found)
    return out


def _resource(value: object) -> str:
    found = scalar(value, "the name of a resource such as nvidia.com/gpu")
    if "/" not in found or not QUALIFIED_NAME.match(found):
        raise InvalidValueError(value, "the name of an extended resource such as nvidia.com/gpu")
    return found


_NAMES: Final = JsonSchema({"type": "object", "additionalProperties": {"type": "string", "pattern": "^[^/]+/.+$"}})
_ONE: Final = {"type": "string", "pattern": "^[1-9][gG][.][1-9][0-9]*[gG][bB]$"}
_LIST: Final = {"anyOf": [{"type": "string"}, {"type": "array", "items": _ONE}]}
Profiles = Annotated[tuple[str, ...], Parser(profiles), JsonSchema(_LIST)]
Sizes = Annotated[tuple[int, ...], Parser(sizes), JsonSchema({"type": "array", "items": {"type": "integer"}})]
CardParts = Annotated[
    dict[str, tuple[str, ...]],
    Parser(card_parts),
    JsonSchema({"type": "object", "additionalProperties": _LIST}),
]
Parts = Annotated[int, Parser(parts), JsonSchema({"type": "integer", "minimum": 2, "maximum": _MOST})]
LabelValue = Annotated[str, Parser(label_value), JsonSchema({"type": "string", "minLength": 1, "maxLength": 63})]
ResourceNames = Annotated[dict[str, str], Parser(resource_names), _NAMES]

"""`headers:` requests with a certain header go to another service, before the split.

Each rule names a header, a service, and how the header's value is compared: `exact`, `prefix` or `regex`. Without any
of the three the value is the service's name, so that a client of a shared host can name the service that it wants.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal, get_args

from msgspec import Struct

from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.names import check_service_name
from generator.spec.values.parser import JsonSchema, Parser
from generator.spec.values.text import check_keys, prefix_errors, scalar

Comparison = Literal["exact", "prefix", "regex"]
_COMPARISONS: Final = get_args(Comparison)
_KEYS: Final = ("name", *_COMPARISONS, "service")
_EXPECTED: Final = "a list of rules such as {name: x-model-version, exact: v2, service: resnet50-2}"


class HeaderRule(Struct, frozen=True):
    """Requests whose header `name` matches `value` by `comparison` go to `service`."""

    name: str
    comparison: Comparison
    value: str
    service: str


def parse(value: object) -> tuple[HeaderRule, ...]:
    """Parse rules from a list of mappings, or from one mapping. Raises InvalidValueError."""
    if isinstance(value, dict):
        return (_rule(value),)
    if not isinstance(value, list) or not value:
        raise InvalidValueError(value, _EXPECTED)
    rules = []
    for index, entry in enumerate(value):
        with prefix_errors(index):
            rules.append(_rule(entry))
    return tuple(rules)


def _rule(value: object) -> HeaderRule:
    if not isinstance(value, dict):
        raise InvalidValueError(value, "a rule such as {name: x-model-version, exact: v2, service: resnet50-2}")
    check_keys(value, _KEYS, ("name", "service"))
    texts = {}
    for key, entry in value.items():
        with prefix_errors(key):
            texts[key] = scalar(entry, "a string")
    with prefix_errors("service"):
        service = check_service_name(texts["service"])
    chosen: list[Comparison] = [key for key in _COMPARISONS if key in texts]
    if len(chosen) > 1:
        raise InvalidValueError(value, f"one of {', '.join(_COMPARISONS)}", hint=f"keep only `{chosen[0]}`")
    if not chosen:
        return HeaderRule(texts["name"], "exact", service, service)
    return HeaderRule(texts["name"], chosen[0], texts[chosen[0]], service)


_RULE_SCHEMA: Final = {
    "type": "object",
    "additionalProperties": False,
    "required": ["name", "service"],
    "properties": {key: {"type": "string"} for key in _KEYS},
}
HeadersField = Annotated[
    tuple[HeaderRule, ...],
    Parser(parse),
    JsonSchema({"anyOf": [_RULE_SCHEMA, {"type": "array", "items": _RULE_SCHEMA, "minItems": 1}]}),
]

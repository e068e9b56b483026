"""The JSON Schemas of `options`, which differ by the type of the service: what an editor completes and checks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.spec.options import Option, OptionType

Tree = dict[str, Any]

_TYPES: Final[dict[OptionType, Tree]] = {
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "text": {"type": "string"},
    "list": {"type": "array", "items": {"type": ["string", "number", "boolean"]}},
    "integers": {"type": "array", "items": {"type": "integer"}},
    "map": {"type": "object", "additionalProperties": {"type": ["string", "number", "boolean"]}},
}
_BOUNDS: Final = {"min": "minimum", "max": "maximum"}


def by_type(servers: Mapping[str, Mapping[str, Option]]) -> list[Tree]:
    """Return a rule for each model server: what `options` may contain, everywhere in the spec of its services."""
    return [_rule(name, _mapping(options)) for name, options in sorted(servers.items())]


def of_any_type(servers: Mapping[str, Mapping[str, Option]]) -> Tree:
    """Return the schema of options that apply to services of several types: those of all model servers."""
    known: dict[str, list[Tree]] = {}
    for name, options in sorted(servers.items()):
        for option, declared in options.items():
            schema = _option(declared)
            known.setdefault(option, []).append({**schema, "description": f"{name}: {schema['description']}"})
    alternatives = {option: found[0] if len(found) == 1 else {"anyOf": found} for option, found in known.items()}
    return {"type": ["object", "null"], "additionalProperties": False, "properties": alternatives}


def _rule(type_: str, options: Tree) -> Tree:
    inside = {"properties": {"options": options}}
    return {
        "if": {"properties": {"type": {"const": type_}}, "required": ["type"]},
        "then": {"properties": {"options": options, "environments": {"additionalProperties": inside}}},
    }


def _mapping(options: Mapping[str, Option]) -> Tree:
    properties = {name: _option(option) for name, option in options.items()}
    return {"type": ["object", "null"], "additionalProperties": False, "properties": properties}


def _option(option: Option) -> Tree:
    kind = _TYPES[option.type]
    schema: Tree = {"description": option.description, **kind, "type": [kind["type"], "null"]}
    bounds = {
        word: float(value) if option.type == "number" else int(value)
        for key, word in _BOUNDS.items()
        if (value := getattr(option, key)) is not None
    }
    if option.choices:
        schema["enum"] = [*option.values, None]
    if option.type == "integers":
        schema["items"] = {**schema["items"], **bounds}
    else:
        schema |= bounds
    if option.default is not None:
        fallback = option.fallback
        schema["default"] = list(fallback) if isinstance(fallback, tuple) else fallback
    return schema

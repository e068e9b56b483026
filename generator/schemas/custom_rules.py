"""The rules of a custom resource that its JSON Schema lacks: of which parts of an object they are, and their defaults.

Rules are those of `shipped_rules`: for a mapping `fields` by key and `values`, for a list `items`, each with rules.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from generator.schemas.catalogue import shipped_rules

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Rules = dict[str, Any]


def ruled_parts(value: Any, rules: Rules) -> Iterator[tuple[str | int, Any, Rules]]:
    """Yield the parts of a value that have rules, each with its step and its rules."""
    if isinstance(value, list) and "items" in rules:
        yield from ((index, item, rules["items"]) for index, item in enumerate(value))
    elif isinstance(value, dict):
        fields = rules.get("fields", {})
        for key, item in value.items():
            below = fields.get(key, rules.get("values"))
            if below is not None:
                yield key, item, below


def _filled(value: Any, rules: Rules) -> Any:
    """Return a value with the defaults of its absent fields; parts without any are shared."""
    if isinstance(value, list):
        below = rules.get("items")
        return value if below is None else [_filled(item, below) for item in value]
    if not isinstance(value, dict):
        return value
    fields: Mapping[str, Rules] = rules.get("fields", {})
    absent = {key: below["default"] for key, below in fields.items() if "default" in below and key not in value}
    known = {key: below for key, _, below in ruled_parts(value, rules)}
    whole = {key: _filled(item, known[key]) if key in known else item for key, item in value.items()}
    return {**whole, **{key: _filled(default, fields[key]) for key, default in absent.items()}}


def with_defaults(tree: dict[str, Any]) -> dict[str, Any]:
    """Return an object as an API server validates it: a custom resource with the defaults of its definition."""
    rules = _rules_with_defaults(str(tree.get("apiVersion")), str(tree.get("kind")))
    filled: dict[str, Any] = _filled(tree, rules) if rules else tree
    return filled


@lru_cache(maxsize=256)
def _rules_with_defaults(api_version: str, kind: str) -> Rules:
    """Return the rules of a kind whose fields have defaults; empty for others."""
    rules = shipped_rules(api_version, kind)
    return rules if _has_defaults(rules) else {}


def _has_defaults(rules: Rules) -> bool:
    below = [*rules.get("fields", {}).values(), *(rules[key] for key in ("items", "values") if key in rules)]
    return "default" in rules or any(map(_has_defaults, below))

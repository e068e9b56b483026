"""Rules of custom resources that JSON Schema cannot express: those in CEL, and the keys of their lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.checks.api.formats import is_base64
from generator.checks.api.names import find_repetitions
from generator.checks.api.refusal import Refusal, show
from generator.checks.api.rules import CUSTOM, FORM, REPEATED
from generator.schemas.catalogue import shipped_rules
from generator.schemas.cel import holds

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.render.engine.shapes import SlotPath, Tree

Rules = dict[str, Any]


def refusals_by_custom_rules(tree: Tree) -> Iterator[Refusal]:
    """Yield what the rules of a custom resource refuse, after its defaults, as an API server does."""
    rules = shipped_rules(str(tree.get("apiVersion")), str(tree.get("kind")))
    if rules:
        yield from _refusals(_with_defaults(tree, rules), rules, ())


def _refusals(value: Any, rules: Rules, path: SlotPath) -> Iterator[Refusal]:
    for rule, message in rules.get("rules", ()):
        if not holds(rule, value):
            expected = f"what the rule of the field asks for: {message or rule}"
            yield Refusal(CUSTOM, path, show(value), expected, "change the field, or what stands beside it")
    if "base64" in rules and isinstance(value, str) and not is_base64(value):
        yield Refusal(FORM, path, "text", "base64", "encode it")
    if "keys" in rules and isinstance(value, list):
        yield from _repetitions(value, rules["keys"], path)
    for step, part, below in _parts(value, rules):
        yield from _refusals(part, below, (*path, step))


def _repetitions(items: list[Any], keys: list[str], path: SlotPath) -> Iterator[Refusal]:
    if keys:
        yield from find_repetitions(items, path, *((key, None) for key in keys))
        return
    for index, item in enumerate(items):
        if item in items[:index]:
            yield Refusal(REPEATED, (*path, index), f"{show(item)} twice", "each item once", "remove one of the two")


def _parts(value: Any, rules: Rules) -> Iterator[tuple[str | int, Any, Rules]]:
    """Yield the parts of a value that have rules, each with its step and its rules."""
    if isinstance(value, list) and "items" in rules:
        yield from ((index, item, rules["items"]) for index, item in enumerate(value))
    elif isinstance(value, dict):
        fields = rules.get("fields", {})
        for key, item in value.items():
            below = fields.get(key, rules.get("values"))
            if below is not None:
                yield key, item, below


def _with_defaults(value: Any, rules: Rules) -> Any:
    """Return a value with the defaults of its absent fields; parts without any are shared."""
    if isinstance(value, list):
        below = rules.get("items")
        return value if below is None else [_with_defaults(item, below) for item in value]
    if not isinstance(value, dict):
        return value
    fields: Mapping[str, Rules] = rules.get("fields", {})
    absent = {key: below["default"] for key, below in fields.items() if "default" in below and key not in value}
    known = {key: below for key, _, below in _parts(value, rules)}
    whole = {key: _with_defaults(item, known[key]) if key in known else item for key, item in value.items()}
    return {**whole, **{key: _with_defaults(default, fields[key]) for key, default in absent.items()}}

"""Rules of custom resources that JSON Schema cannot express: those in CEL, and the keys of their lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.checks.api.formats import is_base64
from generator.checks.api.names import find_repetitions
from generator.checks.api.refusal import Refusal, show
from generator.checks.api.rules import CUSTOM, FORM, REPEATED
from generator.schemas.catalogue import shipped_rules
from generator.schemas.cel import holds
from generator.schemas.custom_rules import Rules, ruled_parts, with_defaults

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.render.engine.shapes import SlotPath, Tree


def refusals_by_custom_rules(tree: Tree) -> Iterator[Refusal]:
    """Yield what the rules of a custom resource refuse, after its defaults, as an API server does."""
    rules = shipped_rules(str(tree.get("apiVersion")), str(tree.get("kind")))
    if rules:
        yield from _refusals(with_defaults(tree), rules, ())


def _refusals(value: Any, rules: Rules, path: SlotPath) -> Iterator[Refusal]:
    for rule, message in rules.get("rules", ()):
        if not holds(rule, value):
            expected = f"what the rule of the field asks for: {message or rule}"
            yield Refusal(CUSTOM, path, show(value), expected, "change the field, or what stands beside it")
    if "base64" in rules and isinstance(value, str) and not is_base64(value):
        yield Refusal(FORM, path, "text", "base64", "encode it")
    if "keys" in rules and isinstance(value, list):
        yield from _repetitions(value, rules["keys"], path)
    for step, part, below in ruled_parts(value, rules):
        yield from _refusals(part, below, (*path, step))


def _repetitions(items: list[Any], keys: list[str], path: SlotPath) -> Iterator[Refusal]:
    if keys:
        yield from find_repetitions(items, path, *((key, None) for key in keys))
        return
    for index, item in enumerate(items):
        if item in items[:index]:
            yield Refusal(REPEATED, (*path, index), f"{show(item)} twice", "each item once", "remove one of the two")

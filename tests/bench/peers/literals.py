"""Skeletons as expressions, for languages that have the syntax of JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from tests.bench.workload import Group, Slot

JSON_WORDS = {None: "null", True: "true", False: "false"}
VALUES = "values.json"
"""The file with the values: for each group the list of values for each of its objects."""


def values_text(groups: list[Group]) -> str:
    """Return the text of the file with the values."""
    return json.dumps([group.values for group in groups])


def literal(node: Any, slot: Callable[[int], str], words: dict[bool | None, str] = JSON_WORDS) -> str:
    """Return a skeleton as an expression in which `slot` gives the text for the number of a slot."""
    if isinstance(node, Slot):
        return slot(node.number)
    if isinstance(node, dict):
        entries = (f"{json.dumps(key)}: {literal(value, slot, words)}" for key, value in node.items())
        return "{" + ", ".join(entries) + "}"
    if isinstance(node, list):
        return "[" + ", ".join(literal(item, slot, words) for item in node) + "]"
    return words[node] if node is None or isinstance(node, bool) else json.dumps(node)


def item(number: int) -> str:
    """Return a slot as an item of the list `v`."""
    return f"v[{number}]"

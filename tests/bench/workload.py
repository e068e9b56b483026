"""The objects of a fleet as a workload for programs that fill in templates: skeletons, and the values that differ.

Objects with the same keys are one group. What all objects of a group have is its skeleton, and what differs are the
slots; the values of an object are those of its slots. A peer gets the skeletons as a program in its own language, and
the values as a JSON file. It neither resolves, checks nor compares anything.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

# What begins an expression in a string of KCL and in a template of Helm: such a string is a value of the object.
_EXPRESSIONS = ("${", "{{")


@dataclass(frozen=True, slots=True)
class Slot:
    """The place of a value in a skeleton."""

    number: int


@dataclass(frozen=True, slots=True)
class Group:
    """A skeleton, the values for each of its objects, and the objects."""

    skeleton: Any
    values: list[list[Any]]
    objects: list[dict[str, Any]]


def split_objects(objects: Iterable[dict[str, Any]]) -> list[Group]:
    """Return the groups of some objects."""
    found: dict[str, list[dict[str, Any]]] = {}
    for tree in objects:
        found.setdefault(f"{tree['kind']} {_keys(tree)}", []).append(tree)
    return [_group(same) for same in found.values()]


def _keys(node: Any) -> object:
    return {key: _keys(value) for key, value in node.items()} if isinstance(node, dict) else None


def _group(objects: list[dict[str, Any]]) -> Group:
    columns: list[list[Any]] = []
    skeleton = _join(objects, columns)
    return Group(skeleton, [list(row) for row in zip(*columns, strict=True)] or [[] for _ in objects], objects)


def _join(nodes: list[Any], columns: list[list[Any]]) -> Any:
    """Return what nodes at one place have in common; append a column of values for each slot."""
    first = nodes[0]
    texts = {json.dumps(node) for node in nodes}
    if len(texts) == 1 and not any(expression in text for text in texts for expression in _EXPRESSIONS):
        return first
    if isinstance(first, dict) and all(isinstance(node, dict) and [*node] == [*first] for node in nodes):
        return {key: _join([node[key] for node in nodes], columns) for key in first}
    if isinstance(first, list) and all(isinstance(node, list) and len(node) == len(first) for node in nodes):
        return [_join([node[at] for node in nodes], columns) for at in range(len(first))]
    columns.append(nodes)
    return Slot(len(columns) - 1)

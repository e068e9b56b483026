"""The nodes of a YAML text, by the path of their keys."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

import yaml

from generator.core.yaml.document import literal
from generator.core.yaml.loader import Loader

if TYPE_CHECKING:
    from generator.core.yaml.document import Path

# Mappings with more keys are looked up in an index.
_FEW: Final = 50


def find_nodes(text: str, path: Path) -> tuple[yaml.Node, yaml.Node] | None:
    """Return the key and the value at `path`, or of its nearest ancestor; None if the text is empty."""
    root = _root(text)
    found = (root, root) if root is not None else None
    for step in path:
        child = _child(found[1], step) if found is not None else None
        if child is None:
            break
        found = child
    return found


def typed_value(text: str, path: Path) -> object:
    """Return the value at `path` with the types of a Kubernetes object; None if there is none."""
    node = _root(text)
    for step in path:
        found = _child(node, step) if node is not None else None
        node = found[1] if found is not None else None
    return _typed(node) if node is not None else None


def _typed(node: yaml.Node) -> object:
    if isinstance(node, yaml.MappingNode):
        return {str(key.value): _typed(value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [_typed(item) for item in node.value]
    return literal(str(node.value), plain=isinstance(node, yaml.ScalarNode) and not node.style)


@lru_cache(maxsize=64)
def _root(text: str) -> yaml.Node | None:
    node: yaml.Node | None = yaml.compose(text, Loader=Loader)
    return node


@lru_cache(maxsize=64)
def _entries(node: yaml.MappingNode) -> dict[str, tuple[yaml.Node, yaml.Node]]:
    """Return the entries of a mapping by key: a file with an error in each of them asks for all positions."""
    return {key.value: (key, value) for key, value in reversed(node.value)}


def _child(node: yaml.Node, step: str | int) -> tuple[yaml.Node, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        return _entries(node).get(str(step)) if len(node.value) > _FEW else _first(node, str(step))
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step], node.value[step]
    return None


def _first(node: yaml.MappingNode, key: str) -> tuple[yaml.Node, yaml.Node] | None:
    return next(((k, v) for k, v in node.value if k.value == key), None)

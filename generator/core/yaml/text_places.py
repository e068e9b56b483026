"""What is written in a line of a rendered file: the document, the path of the value, and the same inside of a patch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from generator.core.yaml.loader import Loader
from generator.core.yaml.object_reader import read

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.core.yaml.document import Path


class PatchPlace(NamedTuple):
    """The patch that a line is in, and the path of the value in it."""

    tree: dict[str, Any]
    path: Path


def place_at(text: str, line: int) -> tuple[int, Path, PatchPlace | None] | None:
    """Return the number of the document in a line (from 1) of a text, and the path of the deepest value there.

    The third is the place in the patch if the value is one. None if the line has no value.
    """
    for number, document in enumerate(yaml.compose_all(text, Loader=Loader)):
        found = [(path, node) for path, start, node in _lines(document, ()) if start <= line - 1 <= _last(node)]
        if found:
            path, node = max(found, key=lambda one: len(one[0]))
            return number, path, _in_patch(line, path, node)
    return None


def _lines(node: yaml.Node, path: Path) -> Iterator[tuple[Path, int, yaml.Node]]:
    """Yield the path of each value with the line of its key."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield (*path, key.value), key.start_mark.line, value
            yield from _lines(value, (*path, key.value))
    elif isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            yield (*path, index), item.start_mark.line, item
            yield from _lines(item, (*path, index))


def _last(node: yaml.Node) -> int:
    """Return the last line of a value; a collection has only its first, as its parts have the others."""
    if isinstance(node, yaml.ScalarNode) and node.style == "|":
        return int(node.end_mark.line) - 1
    return int(node.end_mark.line if isinstance(node, yaml.ScalarNode) else node.start_mark.line)


def _in_patch(line: int, path: Path, node: yaml.Node) -> PatchPlace | None:
    if path[-1] != "patch" or not isinstance(node, yaml.ScalarNode) or node.style != "|":
        return None
    inside = place_at(node.value, line - node.start_mark.line - 1)
    return PatchPlace(read(node.value)[0], inside[1]) if inside is not None else None

"""The strings of a YAML text, each with its range in the text, for searches in values.

The text may be any: a file that is not YAML has no strings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml
from msgspec import Struct

from generator.core.limits import MAX_NODES
from generator.core.yaml.depth import MAX_DEPTH
from generator.core.yaml.reader import compose

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.core.yaml.document import Path


class Scalar(Struct, frozen=True):
    """A string: the path to it, its value, and the characters from `start` to `end`, without quotes or `|`.

    `is_key`: it is the key at the end of the path. `names` are those under which the value is: its key, the `name`
    beside it in a pair of `name` and `value`, and the argument `--name` before it.
    """

    path: Path
    value: str
    start: int
    end: int
    style: str = ""
    is_key: bool = False
    names: tuple[str, ...] = ()


def scalars(text: str) -> list[Scalar]:
    """Return the strings of a text in their order; none if it is not YAML. An alias is a string where its anchor is."""
    try:
        node = compose(text)
    except (yaml.YAMLError, RecursionError):
        return []
    return list(_Walk(text).strings(node, ())) if node is not None else []


class _Walk:
    """Collects strings; nodes of aliases are visited for their names, but not more often than a file may have nodes."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.nodes = 0

    def strings(self, node: yaml.Node, path: Path, names: tuple[str, ...] = ()) -> Iterator[Scalar]:
        self.nodes += 1
        if self.nodes > MAX_NODES or len(path) > MAX_DEPTH:  # an alias can be inside of its own anchor
            return
        if isinstance(node, yaml.ScalarNode):
            yield self._scalar(node, path, names)
        elif isinstance(node, yaml.SequenceNode):
            before = ""
            for index, item in enumerate(node.value):
                yield from self.strings(item, (*path, index), (before,) if before.startswith("--") else ())
                before = _text(item)
        elif isinstance(node, yaml.MappingNode):
            pair = {_text(key): _text(value) for key, value in node.value if _text(key) in ("name", "value")}
            for key, value in node.value:
                here = (*path, _text(key))
                beside = (pair["name"],) if _text(key) == "value" and "name" in pair else ()
                if isinstance(key, yaml.ScalarNode):
                    yield self._scalar(key, here, (), is_key=True)
                yield from self.strings(value, here, (_text(key), *beside))

    def _scalar(self, node: yaml.ScalarNode, path: Path, names: tuple[str, ...], *, is_key: bool = False) -> Scalar:
        start, end = node.start_mark.index, node.end_mark.index
        style = node.style or ""
        if style in ("|", ">"):
            line = self.text.find("\n", start) + 1 or end
            content = self.text[line:end]
            start, end = line + len(content) - len(content.lstrip()), line + len(content.rstrip())
        elif style:
            start, end = start + 1, end - 1
        return Scalar(path, str(node.value), start, max(start, end), style, is_key, names)


def _text(node: yaml.Node) -> str:
    return str(node.value) if isinstance(node, yaml.ScalarNode) else ""

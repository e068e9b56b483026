"""A YAML file that was read: its data and, on request, the position and the Kubernetes type of each value."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from generator.core.finding import Position
from generator.core.regex import regex

if TYPE_CHECKING:
    import yaml

NULLS: Final = frozenset({"null", "Null", "NULL", "~"})
_INTEGER: Final = regex(r"-?(?:0|[1-9][0-9]*)\Z")
_DECIMAL: Final = regex(r"-?(?:0|[1-9][0-9]*)\.[0-9]+\Z")
_WORDS: Final[dict[str, object]] = {"true": True, "false": False, "": None, **dict.fromkeys(NULLS)}


class Empty(Enum):
    """A key without a value."""

    EMPTY = "nothing"

    def __str__(self) -> str:
        return self.value


EMPTY: Final = Empty.EMPTY

Value = None | str | Empty | list["Value"] | dict[str, "Value"]
Path = tuple[str | int, ...]


class Document(Struct, frozen=True):
    """One file: its name relative to the repository, its text and its data.

    Positions are not stored but looked up in the text, because a run without findings does not need them.
    """

    file: str
    text: str
    data: Value
    prefix: Path = ()
    """The keys at the start of each path of `data` that do not occur in the text."""

    def nest(self, key: str) -> Document:
        """Return the document nested below a key: for files whose keys are names rather than the keys of a model."""
        return Document(self.file, self.text, {key: self.data}, (key, *self.prefix))

    def position(self, path: Path = ()) -> Position:
        """Return the position of the value at `path`, or of its nearest ancestor if `path` does not exist."""
        return self._locate(path, key=False)

    def key_position(self, path: Path) -> Position:
        """Return the position of the key at the end of `path`."""
        return self._locate(path, key=True)

    def end(self, path: Path) -> Position:
        """Return the position after the value at `path`, or after its nearest ancestor if `path` does not exist."""
        found = self._find(path)
        mark = found[1].end_mark if found is not None else None
        return Position(self.file, mark.line + 1, mark.column + 1) if mark is not None else Position(self.file)

    def with_types(self, path: Path) -> object:
        """Return the value at `path` with the types of a Kubernetes object: plain numbers, booleans and nulls."""
        from generator.core.yaml.nodes import typed_value

        return typed_value(self.text, path)

    def _locate(self, path: Path, *, key: bool) -> Position:
        found = self._find(path)
        return node_position(found[0 if key else 1], self.file) if found is not None else Position(self.file)

    def _find(self, path: Path) -> tuple[yaml.Node, yaml.Node] | None:
        """Return the key and the value at `path`, or of its nearest ancestor; None if the file is empty."""
        from generator.core.yaml.nodes import find_nodes  # PyYAML, which a run without findings may do without

        return find_nodes(self.text, path[len(self.prefix) :])


def node_position(node: yaml.Node, file: str) -> Position:
    """Return the position at which a node begins."""
    return Position(file, node.start_mark.line + 1, node.start_mark.column + 1)


def literal(text: str, *, plain: bool) -> object:
    """Return a scalar as data: a plain number, true, false or null is converted; anything else is a string."""
    if not plain:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.match(text):
        return int(text)
    return float(text) if _DECIMAL.match(text) else text

"""YAML text to plain data, with every mistake as a `Problem`.

Plain scalars stay text: `1.10`, `on` and `010` arrive as written and the field's own type decides (YAML 1.1 would read
1.1, true and 8). Only a written `null` or `~` is None; an empty value is `EMPTY`, because the two mean different things
in a spec. Positions are not stored: they are looked up in the text when somebody asks, which a run without problems
never does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Final

import yaml

from generator.problem import Position, Problem

# Generous for a spec, small enough that no crafted file can hold up a run.
MAX_BYTES: Final = 1 << 20
MAX_NODES: Final = 20_000
MAX_DEPTH: Final = 60

_INDENTED: Final = re.compile(rf"(?m)^[ ?-]{{{MAX_DEPTH // 2},}}")
_NULLS: Final = frozenset({"null", "Null", "NULL", "~"})
# What libyaml guesses for plain scalars. The guess is ignored: the field's own type decides.
_SCALAR_TAGS: Final = frozenset(
    f"tag:yaml.org,2002:{name}" for name in ["str", "int", "float", "bool", "null", "timestamp", "value", "merge"]
)
_INTEGER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)\Z")
_DECIMAL: Final = re.compile(r"-?(?:0|[1-9][0-9]*)\.[0-9]+\Z")
_WORDS: Final[dict[str, object]] = {"true": True, "false": False, "": None, **dict.fromkeys(_NULLS)}
_Loader: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Empty(Enum):
    """A key without any value."""

    EMPTY = "nothing"

    def __str__(self) -> str:
        return self.value


EMPTY: Final = Empty.EMPTY

Value = None | str | Empty | list["Value"] | dict[str, "Value"]
Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """One file: its name relative to the repository, its text and its data."""

    file: str
    text: str
    data: Value

    def position(self, path: Path = ()) -> Position:
        """Where the value at `path` stands; of a path that is not there, its nearest ancestor."""
        return _locate(self.file, self.text, path, key=False)

    def typed(self, path: Path) -> object:
        """The value at `path` with the types that a Kubernetes object has: plain numbers, booleans and nulls."""
        node = _root(self.text)
        for step in path:
            child = _child(node, step) if node is not None else None
            node = child[1] if child is not None else None
        return _typed(node) if node is not None else None

    def key_position(self, path: Path) -> Position:
        """Where the key at the end of `path` stands."""
        return _locate(self.file, self.text, path, key=True)


class _RefusedError(Exception):
    """A node that we do not accept; turned into a Problem at its place."""

    def __init__(self, node: yaml.Node, id: str, message: str, hint: str, also: yaml.Node | None = None) -> None:
        super().__init__(message)
        self.node, self.id, self.message, self.hint, self.also = node, id, message, hint, also


def read(raw: bytes, file: str) -> tuple[Document | None, list[Problem]]:
    """The document in `raw`, or None and what is wrong with it.

    Source of the limits: YAML 1.2 section 3.2 allows arbitrarily shared and recursive nodes; a spec needs neither.
    """
    text, problems = _decode(raw, file)
    if text is None:
        return None, problems
    try:
        node = _compose(text)
        if node is None:
            return None, [
                Problem("Y06", "the file is empty", Position(file), "write at least one key, or remove the file")
            ]
        return Document(file, text, _Builder().build(node)), []
    except yaml.MarkedYAMLError as error:
        return None, [_syntax_problem(error, text, file)]
    except yaml.YAMLError as error:
        return None, [_reader_problem(error, text, file)]
    except RecursionError:
        message = f"the file nests deeper than {MAX_DEPTH} levels"
        return None, [Problem("Y05", message, Position(file), "a spec needs about four levels; remove the nesting")]
    except _RefusedError as refused:
        also = (_position(refused.also, file),) if refused.also is not None else ()
        position = _position(refused.node, file)
        return None, [Problem(refused.id, refused.message, position, refused.hint, also=also)]


def _compose(text: str) -> yaml.Node | None:
    if _may_nest(text):
        _refuse_depth(text)
    node: yaml.Node | None = yaml.compose(text, Loader=_Loader)
    return node


def _may_nest(text: str) -> bool:
    """Whether the text could nest too deeply: a nested block starts further right, a flow level needs a bracket."""
    return text.count("[") + text.count("{") > MAX_DEPTH // 2 or _INDENTED.search(text) is not None


def _refuse_depth(text: str) -> None:
    """Count the levels by events: libyaml's composer recurses and would end the process on a crafted file."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                raise RecursionError
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _decode(raw: bytes, file: str) -> tuple[str | None, list[Problem]]:
    if len(raw) > MAX_BYTES:
        message = f"the file has {len(raw):,} bytes, expected at most {MAX_BYTES:,}"
        return None, [Problem("Y04", message, Position(file), "move large texts into the model's image or storage")]
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        line = before.count(b"\n") + 1
        column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8", "replace")) + 1
        message = f"found the byte 0x{raw[error.start]:02x}, expected UTF-8 text"
        return None, [Problem("Y02", message, Position(file, line, column), "save the file as UTF-8")]
    return text.removeprefix("\ufeff").replace("\r\n", "\n"), []


class _Builder:
    """Nodes to data: duplicate keys, tags and anything that multiplies are refused."""

    def __init__(self) -> None:
        self.nodes = 0

    def build(self, node: yaml.Node, depth: int = 0) -> Value:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise _RefusedError(
                node, "Y05", f"the aliases expand to more than {MAX_NODES:,} values", "write the values out; avoid `*`"
            )
        if depth > MAX_DEPTH:
            raise _RefusedError(
                node, "Y05", f"the file nests deeper than {MAX_DEPTH} levels", "an alias inside its own anchor?"
            )
        if isinstance(node, yaml.ScalarNode):
            return _scalar(node)
        if isinstance(node, yaml.SequenceNode):
            _check_tag(node, "tag:yaml.org,2002:seq")
            return [self.build(item, depth + 1) for item in node.value]
        _check_tag(node, "tag:yaml.org,2002:map")
        return self._mapping(node, depth)

    def _mapping(self, node: yaml.Node, depth: int) -> dict[str, Value]:
        out: dict[str, Value] = {}
        keys: dict[str, yaml.Node] = {}
        for key_node, value_node in node.value:
            key = _key(key_node)
            if key in out:
                raise _RefusedError(
                    key_node,
                    "Y03",
                    f'found the key "{key}" twice, expected it once',
                    f"keep one of the two; the first is in line {keys[key].start_mark.line + 1}",
                    keys[key],
                )
            keys[key] = key_node
            out[key] = self.build(value_node, depth + 1)
        return out


def _key(node: yaml.Node) -> str:
    if not isinstance(node, yaml.ScalarNode):
        raise _RefusedError(
            node, "Y01", "found a list or mapping as a key, expected a text", "quote the key if it is a text"
        )
    if node.value == "<<" and not node.style:
        raise _RefusedError(
            node,
            "Y07",
            "found the merge key <<, expected plain keys",
            "shared values belong into `defaults` of the project or the platform",
        )
    return str(node.value)


def _scalar(node: yaml.ScalarNode) -> Value:
    if node.tag not in _SCALAR_TAGS:
        raise _RefusedError(node, "Y08", f"found the tag {node.tag}, expected a plain value", "quote texts instead")
    if node.style:
        return str(node.value)
    if node.value == "":
        return EMPTY
    return None if node.value in _NULLS else str(node.value)


def _check_tag(node: yaml.Node, expected: str) -> None:
    if node.tag != expected:
        raise _RefusedError(node, "Y08", f"found the tag {node.tag}, expected a plain value", "remove the tag")


def _position(node: yaml.Node, file: str) -> Position:
    return Position(file, node.start_mark.line + 1, node.start_mark.column + 1)


_TAB_HINT: Final = "YAML does not indent with tabs; use two spaces"


def _syntax_problem(error: yaml.MarkedYAMLError, text: str, file: str) -> Problem:
    unclosed = "unexpected end of stream" in (error.problem or "")
    mark = (error.context_mark if unclosed else None) or error.problem_mark or error.context_mark
    line, column = (mark.line, mark.column) if mark is not None else (0, 0)
    lines = text.split("\n")
    found = lines[line] if line < len(lines) else ""
    reason = " ".join(part for part in (error.context, error.problem) if part)
    if "expected a single document" in reason:
        return Problem(
            "Y01", "found a second document, expected one", Position(file, line + 1, column + 1), "one spec per file"
        )
    for look_at in (line, line - 1):
        if 0 <= look_at < len(lines) and (tab := re.match(r" *\t", lines[look_at])):
            position = Position(file, look_at + 1, tab.end())
            return Problem("Y01", "found a tab, expected spaces", position, _TAB_HINT)
    if (accident := re.match(r"(\s*(?:- )?[^\s:]+:\s+)([*%&@`][^\s#]*)", found)) is not None:
        value = accident[2]
        position = Position(file, line + 1, len(accident[1]) + 1)
        message = f"found {value}, expected a value that does not start with {value[0]}"
        hint = "name one host, such as service" + value[1:] if value.startswith("*.") else f'quote it: "{value}"'
        return Problem("Y01", message, position, hint)
    return Problem(
        "Y01",
        f"this is not YAML: {reason}",
        Position(file, line + 1, column + 1),
        "check the indentation, and quote values that hold : # { } [ ] or start with a sign",
    )


def _reader_problem(error: yaml.YAMLError, text: str, file: str) -> Problem:
    bad = re.search(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", text)
    if bad is None:
        return Problem("Y01", f"this is not YAML: {error}", Position(file), "check the file")
    before = text[: bad.start()]
    position = Position(file, before.count("\n") + 1, bad.start() - before.rfind("\n"))
    message = f"found the control character U+{ord(bad[0]):04X}, expected text"
    return Problem("Y02", message, position, 'write it as an escape in double quotes: "\\x07"')


def literal(text: str, *, plain: bool) -> object:
    """A scalar as data: numbers, true, false and null when plain; anything else, and all that is quoted, is text."""
    if not plain:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.match(text):
        return int(text)
    return float(text) if _DECIMAL.match(text) else text


def _typed(node: yaml.Node) -> object:
    if isinstance(node, yaml.MappingNode):
        return {str(key.value): _typed(value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [_typed(item) for item in node.value]
    return literal(str(node.value), plain=isinstance(node, yaml.ScalarNode) and not node.style)


@lru_cache(maxsize=64)
def _root(text: str) -> yaml.Node | None:
    node: yaml.Node | None = yaml.compose(text, Loader=_Loader)
    return node


def _locate(file: str, text: str, path: Path, *, key: bool) -> Position:
    node = _root(text)
    if node is None:
        return Position(file)
    place = node
    for step in path:
        child = _child(node, step)
        if child is None:
            break
        place, node = child if key else (child[1], child[1])
    return _position(place, file)


def _child(node: yaml.Node, step: str | int) -> tuple[yaml.Node, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        return next(((k, v) for k, v in node.value if k.value == str(step)), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step], node.value[step]
    return None

"""Read YAML text as plain data, with every error as a `Finding`.

Plain scalars stay strings: `1.10`, `on` and `010` are returned as written, and the field's own type parses them (YAML
1.1 would read 1.1, true and 8). Only a written `null` or `~` is None; an empty value is `EMPTY`, because the two mean
different things in a spec.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import yaml

from generator.core.finding import Finding, Position
from generator.core.limits import MAX_BYTES, MAX_ITEMS, MAX_KEYS, MAX_NODES
from generator.core.regex import regex
from generator.core.yaml.depth import MAX_DEPTH, require_depth
from generator.core.yaml.document import EMPTY, NULLS, Document, Value, node_position
from generator.core.yaml.loader import MAPPING, SEQUENCE, STRING, Loader
from generator.core.yaml.syntax_errors import by_depth, explain_reader_error, explain_syntax_error, too_deep

if TYPE_CHECKING:
    from collections.abc import Collection

# The parser itself refuses these in plain scalars; quoted ones may contain them as escapes. Of the other control
# characters, which may be in config files, a NUL is no use: it ends an argument, a variable or a path (execve(2)).
_UNPRINTABLE: Final = regex("[\x00\x7f-\x9f\ufffe\uffff]")
# The tags of plain values, which a file may name. They are ignored: the field's own type decides.
_SCALAR_TAGS: Final = frozenset(
    {STRING, *(f"tag:yaml.org,2002:{name}" for name in ["int", "float", "bool", "null", "timestamp"])}
)


class _RejectedNodeError(Exception):
    """A node that servegen does not accept; `read` converts it to a Finding at the node's position."""

    def __init__(self, node: yaml.Node, id: str, message: str, hint: str, also: yaml.Node | None = None) -> None:
        super().__init__(message)
        self.node, self.id, self.message, self.hint, self.also = node, id, message, hint, also


def read(raw: bytes, file: str) -> tuple[Document | None, list[Finding]]:
    """Return the document in `raw`, or None and the findings.

    Source of the limits: YAML 1.2 section 3.2 allows arbitrarily shared and recursive nodes; a spec needs neither.
    """
    text, findings = _decode(raw, file)
    if text is None:
        return None, findings
    try:
        node = compose(text)
        if node is None:
            return None, [
                Finding("Y06", "the file is empty", Position(file), "write at least one key, or remove the file")
            ]
        return Document(file, text, _Builder(text).build(node)), []
    except yaml.MarkedYAMLError as error:
        return None, [too_deep(MAX_DEPTH, file) if by_depth(error) else explain_syntax_error(error, text, file)]
    except yaml.YAMLError as error:
        return None, [explain_reader_error(error, text, file)]
    except RecursionError:
        return None, [too_deep(MAX_DEPTH, file)]
    except _RejectedNodeError as refused:
        also = (node_position(refused.also, file),) if refused.also is not None else ()
        position = node_position(refused.node, file)
        return None, [Finding(refused.id, refused.message, position, refused.hint, also=also)]


def compose(text: str) -> yaml.Node | None:
    """Return the root node of a text, None if it is empty. Raises YAMLError, and RecursionError for deep nesting."""
    require_depth(text)
    node: yaml.Node | None = yaml.compose(text, Loader=Loader)
    return node


def _decode(raw: bytes, file: str) -> tuple[str | None, list[Finding]]:
    if len(raw) > MAX_BYTES:
        message = f"the file has more than {MAX_BYTES:,} bytes"
        return None, [
            Finding("Y04", message, Position(file), "move large content into the image or the storage of the model")
        ]
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        line = before.count(b"\n") + 1
        column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8", "replace")) + 1
        message = f"found the byte 0x{raw[error.start]:02x}, expected UTF-8 text"
        return None, [Finding("Y02", message, Position(file, line, column), "save the file as UTF-8")]
    return text.removeprefix("\ufeff").replace("\r\n", "\n"), []


class _Builder:
    """Converts nodes to data; duplicate keys, tags, and more values than the limits allow are refused.

    `text` is looked at again only to tell whether there are too many values in it, or aliases repeat a few.
    """

    def __init__(self, text: str) -> None:
        self.nodes, self.text = 0, text

    def build(self, node: yaml.Node, depth: int = 0) -> Value:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise self._too_many(node)
        if depth > MAX_DEPTH:
            raise _RejectedNodeError(
                node,
                "Y05",
                f"the file nests deeper than {MAX_DEPTH} levels",
                "check for an alias inside its own anchor",
            )
        if isinstance(node, yaml.ScalarNode):
            return _scalar(node)
        if isinstance(node, yaml.SequenceNode):
            _check_tag(node, {SEQUENCE})
            _check_length(node, node.value, MAX_ITEMS, "items in a list")
            return [self.build(item, depth + 1) for item in node.value]
        _check_tag(node, {MAPPING})
        _check_length(node, [key for key, _ in node.value], MAX_KEYS, "keys in a mapping")
        return self._mapping(node, depth)

    def _too_many(self, node: yaml.Node) -> _RejectedNodeError:
        values = (event for event in yaml.parse(self.text, Loader=Loader) if isinstance(event, yaml.NodeEvent))
        if sum(not isinstance(event, yaml.AliasEvent) for event in values) > MAX_NODES:
            message, hint = f"the file has more than {MAX_NODES:,} values", "move a part of them into other files"
        else:
            message = f"the aliases expand to more than {MAX_NODES:,} values"
            hint = "write the values out instead of `*`"
        return _RejectedNodeError(node, "Y05", message, hint)

    def _mapping(self, node: yaml.Node, depth: int) -> dict[str, Value]:
        out: dict[str, Value] = {}
        keys: dict[str, yaml.Node] = {}
        for key_node, value_node in node.value:
            key = _key(key_node)
            if key in out:
                raise _RejectedNodeError(
                    key_node,
                    "Y03",
                    f'found the key "{key}" twice, expected it once',
                    f"keep one of the two; the first is on line {keys[key].start_mark.line + 1}",
                    keys[key],
                )
            keys[key] = key_node
            out[key] = self.build(value_node, depth + 1)
        return out


def _check_length(node: yaml.Node, items: list[yaml.Node], most: int, what: str) -> None:
    if len(items) > most:
        message = f"found {len(items):,} {what}, expected at most {most:,}"
        raise _RejectedNodeError(items[most], "Y05", message, "remove those that are not needed", node)


def _key(node: yaml.Node) -> str:
    if not isinstance(node, yaml.ScalarNode):
        raise _RejectedNodeError(
            node, "Y01", "found a list or mapping as a key, expected a string", "quote the key if it is a string"
        )
    _check_printable(node)
    if node.value == "<<" and not node.style:
        raise _RejectedNodeError(
            node,
            "Y07",
            "found the merge key <<, expected plain keys",
            "move shared values to `defaults` of the project or the platform",
        )
    return str(node.value)


def _scalar(node: yaml.ScalarNode) -> Value:
    _check_tag(node, _SCALAR_TAGS, "remove the tag, and quote the value if it is a string")
    if node.style:
        _check_printable(node)
        return str(node.value)
    if node.value == "":
        return EMPTY
    return None if node.value in NULLS else str(node.value)


def _check_printable(node: yaml.ScalarNode) -> None:
    if _UNPRINTABLE.search(node.value):
        if "\0" in node.value:
            hint = "remove it: no program gets a NUL in an argument, a variable or a file name"
            raise _RejectedNodeError(node, "Y02", "found the character NUL in a string", hint)
        message = "found a control character or a noncharacter in a string"
        raise _RejectedNodeError(node, "Y02", message, "remove it, or encode the string: kustomize cannot print it")


def _check_tag(node: yaml.Node, expected: Collection[str], hint: str = "remove the tag") -> None:
    if node.tag not in expected:
        raise _RejectedNodeError(node, "Y08", f"found the tag {node.tag}, expected a plain value", hint)

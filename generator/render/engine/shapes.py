"""Compile a shape: YAML in which each `{{ value }}` of a template is a slot token.

A shape is parsed once and compiled to a function that puts the values into a fresh tree, so that quoting, indentation
and injection bugs cannot exist. A fleet has few distinct shapes, and filling a compiled one takes a few microseconds.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import yaml
from msgspec import Struct

from generator.core.regex import regex
from generator.core.yaml import literal
from generator.core.yaml.depth import MAX_DEPTH, require_depth
from generator.core.yaml.loader import Loader
from generator.render.engine.faults import ShapeError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Tree = dict[str, Any]
SlotPath = tuple[str | int, ...]

# Two private-use characters, which a template must not contain.
OPEN: Final = "\ue000"
CLOSE: Final = "\ue001"
# How many shapes a process keeps; a large fleet has some hundred.
_SHAPES: Final = 1024
_SLOT: Final = regex(f"{OPEN}([0-9]+){CLOSE}")


class Shape(Struct, frozen=True):
    """A compiled shape: `fill(values)` returns a new tree, `slots` holds the path of each value (None for a key)."""

    text: str
    fill: Callable[[list[Any]], Tree]
    slots: tuple[SlotPath | None, ...]


@lru_cache(maxsize=_SHAPES)
def compile_shape(text: str) -> Shape | None:
    """Return the compiled shape; None for an empty text. Raises ShapeError if it is no YAML mapping.

    Cached, because a command that compares revisions renders the same shapes again.
    Anchors are refused: a few lines of them can stand for billions of values.
    """
    try:
        require_depth(text)
        node = yaml.compose(text, Loader=Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line if mark is not None else 0
        raise ShapeError(f"this does not render to YAML: {error.problem}", "check its indentation", line) from error
    except yaml.YAMLError as error:
        raise ShapeError(f"this does not render to YAML: {error}", "remove control characters") from error
    except RecursionError:
        raise ShapeError(f"this renders to more than {MAX_DEPTH} levels of YAML", "nest less") from None
    if node is None:
        return None
    if not isinstance(node, yaml.MappingNode):
        raise _shape_error(
            node,
            "this does not render to a mapping",
            "a template must render one object: `key: value` at its top level",
        )
    _refuse_aliases(node)
    slots: dict[int, SlotPath | None] = {}
    source = _source(node, (), slots)
    # Only the structure of templates becomes code, and only as literals and look-ups; values stay data.
    fill = eval(f"lambda v: {source}", {"_mapping": _mapping, "__builtins__": {}})
    return Shape(text, fill, tuple(slots.get(index) for index in range(max(slots, default=-1) + 1)))


def value_lines(text: str, values: list[Any]) -> Iterator[tuple[SlotPath, int, bool]]:
    """Yield the path of each value in a shape that compiles, its line from 0, and whether it is a slot.

    `values` are those of the slots. Collections are their parts, if they have any.
    """
    node = yaml.compose(text, Loader=Loader)
    if node is not None:
        yield from _value_lines(node, (), values)


def _value_lines(node: yaml.Node, path: SlotPath, values: list[Any]) -> Iterator[tuple[SlotPath, int, bool]]:
    if isinstance(node, yaml.MappingNode) and node.value:
        for key, value in node.value:
            slot = _SLOT.fullmatch(key.value)
            yield from _value_lines(value, (*path, values[int(slot[1])] if slot else key.value), values)
    elif isinstance(node, yaml.SequenceNode) and node.value:
        for index, item in enumerate(node.value):
            yield from _value_lines(item, (*path, index), values)
    else:
        is_slot = isinstance(node, yaml.ScalarNode) and _SLOT.fullmatch(node.value) is not None
        yield path, node.start_mark.line, is_slot


def _refuse_aliases(node: yaml.Node) -> None:
    """Raise ShapeError if a node occurs twice: libyaml's composer returns the node of the anchor for each alias."""
    seen: set[int] = set()
    rest = [node]
    while rest:
        item = rest.pop()
        if id(item) in seen:
            raise _shape_error(item, "an anchor `&` is used by an alias `*`", "write the value in each place")
        seen.add(id(item))
        if isinstance(item, yaml.MappingNode):
            rest += [part for pair in item.value for part in pair]
        elif isinstance(item, yaml.SequenceNode):
            rest += item.value


def _shape_error(node: yaml.Node, message: str, hint: str) -> ShapeError:
    return ShapeError(message, hint, node.start_mark.line)


def _source(node: yaml.Node, path: SlotPath, slots: dict[int, SlotPath | None]) -> str:
    if isinstance(node, yaml.MappingNode):
        return _mapping_source(node, path, slots)
    if isinstance(node, yaml.SequenceNode):
        inner = (_source(item, (*path, index), slots) for index, item in enumerate(node.value))
        return "[" + ",".join(inner) + "]"
    if match := _SLOT.fullmatch(node.value):
        slots[int(match[1])] = path
        return f"v[{match[1]}]"
    if OPEN in node.value:
        where = ".".join(map(str, path))
        raise _shape_error(node, f"a value is joined to other text at {where}", 'write {{ "a-" ~ x }}, not a-{{ x }}')
    assert isinstance(node, yaml.ScalarNode)
    return repr(literal(node.value, plain=not node.style))


def _mapping_source(node: yaml.MappingNode, path: SlotPath, slots: dict[int, SlotPath | None]) -> str:
    pairs: dict[str, str] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise _shape_error(key, "a key is a list or a mapping", "write the key as a string")
        if match := _SLOT.fullmatch(key.value):
            slots[int(match[1])] = None
            pairs[f"v[{match[1]}]"] = _source(value, path, slots)
        elif repr(key.value) in pairs:
            where = ".".join(map(str, path)) or "the top level"
            raise _shape_error(key, f'the key "{key.value}" occurs twice at {where}', "remove one of the two")
        else:
            pairs[repr(key.value)] = _source(value, (*path, key.value), slots)
    if not any(key.startswith("v[") for key in pairs):
        return "{" + ",".join(f"{key}:{value}" for key, value in pairs.items()) + "}"
    listed = ",".join(f"({key},{value})" for key, value in pairs.items())
    return f"_mapping([{listed}],{node.start_mark.line})"


def _mapping(pairs: list[tuple[str, Any]], line: int) -> Tree:
    """Return a mapping some of whose keys are values: they must be strings, and none may repeat another key."""
    if not all(isinstance(key, str) for key, _ in pairs):
        raise ShapeError("a key here is not a string", "use a value that is a string", line)
    out = dict(pairs)
    if len(out) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ShapeError(f'the key "{twice}" occurs twice here', "remove one of the two", line)
    return out

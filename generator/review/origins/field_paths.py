"""Paths to the values of an object, as people write them: `spec.template.spec.containers[main].image`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.core.regex import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.render.engine.shapes import SlotPath, Tree

_ITEM: Final = regex(r"\[([^\]]*)\]")
# By these keys an item of a list is named, the first that names each item.
_NAMES: Final = ("name", "mountPath", "containerPort", "port", "key", "topologyKey", "kind")


def leaves(tree: Any, path: SlotPath = ()) -> Iterator[tuple[SlotPath, Any]]:
    """Yield the path and value of each scalar and each empty collection."""
    if isinstance(tree, dict) and tree:
        for key, value in tree.items():
            yield from leaves(value, (*path, key))
    elif isinstance(tree, list) and tree:
        for index, value in enumerate(tree):
            yield from leaves(value, (*path, index))
    else:
        yield path, tree


def value_at(tree: Any, path: SlotPath) -> Any:
    """Return the value at a path. Raises LookupError or TypeError if there is none."""
    for step in path:
        tree = tree[step]
    return tree


def format_path(tree: Tree, path: SlotPath) -> str:
    """Return a path as people write it; an item of a list has its name if all items have one, and else its index."""
    out, node = "", tree
    for step in path:
        if isinstance(step, int):
            out += f"[{_name_of(node, step)}]"
        else:
            out += f".{step}" if out else step
        node = value_at(node, (step,))
    return out


def find_field(tree: Tree, written: str) -> SlotPath | None:
    """Return the path that is written, None if the object has no such field. A key may have dots itself."""
    return _find(tree, written.removeprefix("."))


def known_fields(tree: Tree) -> list[str]:
    """Return all fields of an object, those above others first."""
    known = (format_path(tree, path[:end]) for path, _ in leaves(tree) for end in range(1, len(path) + 1))
    return list(dict.fromkeys(known))


def _find(node: Any, written: str) -> SlotPath | None:
    if not written:
        return ()
    if isinstance(node, list):
        item = _ITEM.match(written)
        index = _index_of(node, item[1]) if item else None
        return None if item is None or index is None else _after(node[index], index, written[item.end() :])
    if not isinstance(node, dict):
        return None
    quoted = _ITEM.match(written)
    if quoted and quoted[1].strip("\"'") in node:
        key = quoted[1].strip("\"'")
        return _after(node[key], key, written[quoted.end() :])
    keys = (key for key in node if written == key or written.startswith((f"{key}.", f"{key}[")))
    found = (_after(node[key], key, written[len(key) :]) for key in sorted(keys, key=len, reverse=True))
    return next((path for path in found if path is not None), None)


def _after(node: Any, step: str | int, rest: str) -> SlotPath | None:
    below = _find(node, rest.removeprefix("."))
    return None if below is None else (step, *below)


def _index_of(items: list[Any], written: str) -> int | None:
    """Return the index of an item that is written as `0`, by its name as `main`, or by a key as `name=main`."""
    key, equals, value = written.partition("=")
    wanted = value if equals else written
    keys = (key,) if equals else _NAMES
    named = (
        index
        for name in keys
        for index, item in enumerate(items)
        if isinstance(item, dict) and str(item.get(name)) == wanted
    )
    is_index = not equals and written.isdecimal() and int(written) < len(items)
    return int(written) if is_index else next(named, None)


def _name_of(items: Any, index: int) -> str:
    for key in _NAMES[:1]:
        names = [item.get(key) if isinstance(item, dict) else None for item in items]
        if all(isinstance(name, str) for name in names) and len({*names}) == len(names):
            return str(names[index])
    return str(index)

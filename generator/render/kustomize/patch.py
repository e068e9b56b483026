"""The difference of two objects, as the strategic-merge patch that turns one into the other in `kustomize build`.

The behaviour of kustomize 5.8.1, each point tested with the program:

- The items of a keyed list that a patch names come first, in the patch's order; the rest follow in the base's order. A
  patch therefore names the items up to the last one that is new, changed or out of order, unchanged ones by their key
  alone, and omits the items at the end that are already right.
- A list with two merge keys (ports, spread constraints) has no such rule and is replaced whole.
- `$patch: replace` works on a map and on a list, but is ignored on an item of a list and on the object itself.
- A new scalar keeps the quotes or the block style of the old one, so that a number that replaces a quoted string would
  become a string: the map that holds it is replaced.
- An inline patch is trimmed at its end, so a block scalar must not come last.
- If two items have one key, one of them is lost as soon as any patch touches the object, and an empty map of
  annotations in the object's metadata is dropped.
"""

from __future__ import annotations

import marshal
from typing import TYPE_CHECKING, Any, Final

from generator.core.errors import BugError
from generator.core.recent import once_per_object
from generator.render.kustomize.merge_keys import find_lost_items, keyed_lists

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.render.kustomize.merge_keys import Keys

_DIRECTIVE: Final = "$patch"
_REPLACE: Final = {_DIRECTIVE: "replace"}
# An object of a base is compared with that of each environment.
_lost_items: Final = once_per_object(find_lost_items)


def patch_for(base: dict[str, Any], target: dict[str, Any]) -> dict[str, Any] | None:
    """Return the patch from `base` to `target`, with kind and name so that it needs no target; None if they are equal.

    Both are objects of one kind and name without namespace. The patch shares parts with `target`: write it out, do not
    change it. Raises BugError if no patch can turn `base` into `target`.
    """
    if _same(base, target):
        return None
    for tree in (base, target):
        if found := _lost_items(tree):
            raise BugError(f"{_named(tree)}: kustomize would drop the list item {found[0]}: no key, or one key twice")
    changes = _map(base, target, "", keyed_lists(target))
    if _DIRECTIVE in changes or {"apiVersion", "kind"} & changes.keys() or "name" in changes.get("metadata", {}):
        raise BugError(f"{_named(base)}: no patch can make it {_named(target)}")
    kind = {"apiVersion": target["apiVersion"], "kind": target["kind"]}
    rest = {"metadata": {"name": target["metadata"]["name"], **changes.pop("metadata", {})}, **changes}
    return {**rest, **kind} if _ends_with_line_break(rest) else {**kind, **rest}


def deletion(base: dict[str, Any]) -> dict[str, Any]:
    """Return the patch that deletes an object of the base."""
    name = {"name": base["metadata"]["name"]}
    return {"$patch": "delete", "apiVersion": base["apiVersion"], "kind": base["kind"], "metadata": name}


def _ends_with_line_break(value: Any) -> bool:
    """Return whether a block scalar comes last in the output; kustomize trims an inline patch at its end."""
    while isinstance(value, dict | list) and value:
        value = value[-1] if isinstance(value, list) else value[next(reversed(value))]
    return isinstance(value, str) and value.endswith("\n")


def _named(tree: Mapping[str, Any]) -> str:
    return f"{tree['kind']} {tree['metadata']['name']}"


def _same(one: Any, other: Any) -> bool:
    """Compare two values, distinguishing 1, 1.0 and true as YAML does."""
    if one is other:
        return True
    kind = type(one)
    if kind is not type(other) or one != other:
        return False
    if kind is not dict and kind is not list:
        return True
    # Equal in Python, where 1 == True. Equal bytes prove equality; otherwise compare the items: key orders may differ.
    if marshal.dumps(one, 2) == marshal.dumps(other, 2):
        return True
    if kind is dict:
        return all(_same(value, other[key]) for key, value in one.items())
    return all(map(_same, one, other))


def _map(base: dict[str, Any], target: dict[str, Any], path: str, keyed: Mapping[str, Keys]) -> dict[str, Any]:
    changed = {key: new for key, new in target.items() if key not in base or not _same(base[key], new)}
    if any(key in base and not _mergeable(base[key], new) for key, new in changed.items()):
        return {**_REPLACE, **target}
    out: dict[str, Any] = {}
    for key, new in changed.items():
        old = base.get(key)
        if isinstance(new, dict) and isinstance(old, dict):
            out[key] = _map(old, new, f"{path}.{key}", keyed)
        elif isinstance(new, list) and isinstance(old, list):
            out[key] = _list(old, new, f"{path}.{key}", keyed)
        else:
            out[key] = new
    return out | {key: None for key in base if key not in target}


def _mergeable(old: Any, new: Any) -> bool:
    """Return whether kustomize can replace `old` by `new`."""
    if isinstance(old, dict | list) or isinstance(new, dict | list):
        return type(old) is type(new)
    if not isinstance(new, str):
        return not isinstance(old, str)
    # In block style, kept from the old string or used for several lines, kustomize cannot read back a leading tab.
    return not (new.startswith("\t") and "\n" in f"{old}{new}")


def _list(base: list[Any], target: list[Any], path: str, keyed: Mapping[str, Keys]) -> list[Any]:
    keys = keyed.get(path)
    if keys is None:
        return target
    if len(keys) == 1:
        named = _items(base, target, path, keys[0], keyed)
        if named is not None:
            return named
    return [_REPLACE, *target]


def _items(
    base: list[dict[str, Any]], target: list[dict[str, Any]], path: str, key: str, keyed: Mapping[str, Keys]
) -> list[dict[str, Any]] | None:
    """Return the patch of a list with one merge key, or None if replacing the whole list is simpler or the only way."""
    if any(isinstance(item[key], dict | list) for item in (*base, *target)):
        return None  # no schema allows that, but a template may give it
    old = {item[key]: item for item in base}
    kept = {item[key] for item in target}
    if kept.isdisjoint(old):
        return None
    out = []
    for item in target[: len(target) - _tail(base, target, key)]:
        before = old.get(item[key])
        patch = item if before is None else {key: item[key], **_map(before, item, f"{path}[]", keyed)}
        if _DIRECTIVE in patch:
            return None
        out.append(patch)
    return out + [{key: name, _DIRECTIVE: "delete"} for name in old if name not in kept]


def _tail(base: list[dict[str, Any]], target: list[dict[str, Any]], key: str) -> int:
    """Return how many items at the end of `target` need no patch: unchanged, and in the base's order."""
    positions = {item[key]: index for index, item in enumerate(base)}
    length, following = 0, len(base)
    for item in reversed(target):
        position = positions.get(item[key], following)
        if position >= following or not _same(base[position], item):
            break
        length, following = length + 1, position
    return length

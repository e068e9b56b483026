"""A strategic-merge patch applied in memory, as kustomize applies it."""

from __future__ import annotations

from typing import Any

from generator.render.merge_keys import built_in, merge_key

Tree = dict[str, Any]
_DIRECTIVE = "$patch"


def merge(target: Tree, patch: Tree) -> Tree:
    """A new tree: `target` with `patch` merged in.

    Mappings merge, null removes, keyed lists of built-in kinds merge by their key (patched items first, as kustomize
    puts them), other lists are replaced. `$patch: replace` and `$patch: delete` work on mappings and items.
    """
    if not built_in(target.get("apiVersion", "")):
        return _json_merge(target, patch)
    return _mapping(target, patch, target["kind"], ())


def _json_merge(target: Tree, patch: Tree) -> Tree:
    out = dict(target)
    for key, value in patch.items():
        if value is None:
            out.pop(key, None)
        elif isinstance(value, dict):
            below = out.get(key)
            out[key] = _json_merge(below if isinstance(below, dict) else {}, value)
        else:
            out[key] = value
    return out


def _mapping(target: Tree, patch: Tree, kind: str, path: tuple[str, ...]) -> Tree:
    if patch.get(_DIRECTIVE) == "replace":
        return {key: value for key, value in patch.items() if key != _DIRECTIVE}
    out = dict(target)
    for key, value in patch.items():
        below = out.get(key)
        if key == _DIRECTIVE:
            continue
        if value is None:
            out.pop(key, None)
        elif isinstance(value, dict):
            if value.get(_DIRECTIVE) == "delete":
                out.pop(key, None)
            else:
                out[key] = _mapping(below if isinstance(below, dict) else {}, value, kind, (*path, key))
        elif isinstance(value, list):
            out[key] = _list(below if isinstance(below, list) else [], value, kind, (*path, key))
        else:
            out[key] = value
    return out


def _list(target: list[Any], patch: list[Any], kind: str, path: tuple[str, ...]) -> list[Any]:
    key = merge_key(kind, path)
    if {_DIRECTIVE: "replace"} in patch:
        return [item for item in patch if item != {_DIRECTIVE: "replace"}]
    if key is None or not all(isinstance(item, dict) and key in item for item in patch):
        return patch
    known = {item.get(key): item for item in target if isinstance(item, dict)}
    named = {item[key]: item for item in patch}
    first = [
        _mapping(known.get(name, {}), item, kind, path)
        for name, item in named.items()
        if item.get(_DIRECTIVE) != "delete"
    ]
    return [*first, *(item for item in target if item.get(key) not in named)]

"""Strategic-merge patches of users, applied in memory with the same result as kustomize 5.8.1.

Maps merge, null removes, and lists are replaced whole except for the keyed lists of built-in kinds (merge_keys.py). The
patched items of a keyed list come first, in the patch's order; in a list with two merge keys they keep their positions
and only new items come first. A patch is refused if kustomize would silently lose a change or leave a directive in the
object. Two deviations: `$patch: replace` at the head of a list that does not exist yet sets the list, as the API server
does (kustomize would leave the directive in it), and a field that excludes others takes their place (choices.py). A
scalar takes the patch's type.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.render.kustomize.choices import other_choices
from generator.render.kustomize.merge_keys import find_ambiguous_item, identity, keyed_lists
from generator.spec.values.invalid_value import InvalidValueError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.core.yaml import Path
from generator.render.kustomize.merge_keys import Keys

_DIRECTIVE: Final = "$patch"
_WORDS: Final = frozenset({"merge", "replace", "delete"})
_MISSING: Final[Any] = object()


def merge(target: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    """Return a new tree, `target` with `patch` applied; parts that the patch does not change are shared with `target`.

    The patch may omit apiVersion and metadata.name. Raises InvalidValueError, with the path inside the patch in `at`,
    if the patch is for another object, or has directives or lists that kustomize cannot merge.
    """
    return _ObjectMerge(target).run(patch)


def needless_removals(target: dict[str, Any], patch: dict[str, Any]) -> list[Path]:
    """Return the paths inside the patch that remove something that `target` does not have.

    Raises InvalidValueError like `merge`.
    """
    merging = _ObjectMerge(target)
    merging.run(patch)
    return merging.missed


class _ObjectMerge:
    def __init__(self, target: dict[str, Any]) -> None:
        self.target = target
        self.keyed: Mapping[str, Keys] = keyed_lists(target)
        self.missed: list[Path] = []

    def run(self, patch: dict[str, Any]) -> dict[str, Any]:
        self._check_object(patch)
        if patch.get(_DIRECTIVE, "merge") != "merge":
            expected = "changes; a patch cannot remove or replace a whole object"
            raise InvalidValueError(patch[_DIRECTIVE], expected, at=(_DIRECTIVE,))
        merged = self._map(self.target, patch, (), "")
        kind = {key: self.target[key] for key in ("apiVersion", "kind")}
        return {**kind, "metadata": {}, **merged} | {"metadata": self._metadata(merged.get("metadata", {}))}

    def _metadata(self, merged: dict[str, Any]) -> dict[str, Any]:
        """Return the metadata with the object's own name, and without empty annotations, which kustomize drops."""
        own = {key: value for key, value in self.target["metadata"].items() if key in ("name", "namespace")}
        return {key: value for key, value in (own | merged).items() if key != "annotations" or value}

    def _check_object(self, patch: dict[str, Any]) -> None:
        metadata = patch.get("metadata", {})
        if not isinstance(metadata, dict):
            raise InvalidValueError(metadata, "a mapping", at=("metadata",))
        own = self.target["metadata"]
        checks = [("apiVersion", patch, self.target), ("kind", patch, self.target)]
        checks += [("name", metadata, own), ("namespace", metadata, own)]
        for key, given, wanted in checks:
            found, expected = given.get(key, wanted.get(key)), wanted.get(key)
            if found != expected:
                path = (key,) if given is patch else ("metadata", key)
                hint = f"write {expected}, or remove the key" if expected else "remove the key"
                raise InvalidValueError(found, expected or "no value: the environment sets it", hint=hint, at=path)

    def _value(self, old: Any, new: Any, path: Path, pattern: str) -> Any:
        if isinstance(new, dict):
            _check_kind(old, dict, new, path)
            return self._map(old, new, path, pattern)
        if isinstance(new, list):
            _check_kind(old, list, new, path)
            keys = self.keyed.get(pattern)
            return _atomic(new, path) if keys is None else self._list(old, new, keys, path, pattern)
        if isinstance(old, dict | list):
            raise InvalidValueError(new, _kind(old), at=path)
        return new

    def _map(self, old: Any, new: dict[str, Any], path: Path, pattern: str) -> Any:
        """Return the merged map, or _MISSING if the patch deletes it."""
        directive = _directive(new, path)
        if directive == "delete":
            return self._deleted(old, (*path, _DIRECTIVE))
        out = {} if old is _MISSING or directive == "replace" else dict(old)
        for key, value in new.items():
            at = (*path, key)
            if key == _DIRECTIVE:
                continue
            if key.startswith("$"):
                raise InvalidValueError(
                    key, "keys of the object or $patch; kustomize supports no other directive", at=at
                )
            before = _MISSING if out.get(key) is None else out[key]
            after = self._deleted(before, at) if value is None else self._value(before, value, at, f"{pattern}.{key}")
            if after is _MISSING:
                out.pop(key, None)
            else:
                out[key] = after
        for key in other_choices(self.target["kind"], pattern, new):
            out.pop(key, None)
        return out

    def _deleted(self, old: Any, path: Path) -> Any:
        if old is _MISSING:
            self.missed.append(path)
        return _MISSING

    def _list(self, old: Any, new: list[Any], keys: Keys, path: Path, pattern: str) -> Any:
        directive, items = _items(new, path)
        if directive == "delete":
            return self._deleted(old, path)
        before: list[Any] = [] if old is _MISSING or directive == "replace" else old
        used = _used(keys, before, items, path)
        known = {identity(item, used): item for item in before}
        merged: dict[Any, Any] = {}
        for index, item in items.items():
            own = identity(item, used)
            merged[own] = self._item(known.get(own, _MISSING), item, (*path, index), pattern)
        # With one merge key the patched items come first; with two, existing items keep their positions.
        first = merged if len(used) == 1 else {own: item for own, item in merged.items() if own not in known}
        return [item for item in (first | known | merged).values() if item is not _MISSING]

    def _item(self, old: Any, new: dict[str, Any], path: Path, pattern: str) -> Any:
        if new.get(_DIRECTIVE) == "replace":
            hint = "write null for each key to remove, or the whole list with `- $patch: replace` as its first item"
            expected = "changes; kustomize ignores it on an item of a list"
            raise InvalidValueError("$patch: replace", expected, hint=hint, at=path)
        return self._map(old, new, path, f"{pattern}[]")


def _check_kind(old: Any, kind: type, new: Any, path: Path) -> None:
    if old is not _MISSING and not isinstance(old, kind):
        raise InvalidValueError(new, _kind(old), at=path)


def _kind(value: Any) -> str:
    return "a mapping" if isinstance(value, dict) else "a list" if isinstance(value, list) else "one value"


def _directive(new: dict[str, Any], path: Path) -> str:
    word = new.get(_DIRECTIVE, "merge")
    if not isinstance(word, str) or word not in _WORDS:
        raise InvalidValueError(word, "merge, replace or delete", at=(*path, _DIRECTIVE))
    return word


def _items(new: list[Any], path: Path) -> tuple[str, dict[int, Any]]:
    """Return the directive for the whole list, and the other items by their index in the patch."""
    heads = [index for index, item in enumerate(new) if isinstance(item, dict) and list(item) == [_DIRECTIVE]]
    items = {index: item for index, item in enumerate(new) if index not in heads}
    if len(heads) > 1 or (heads and any(isinstance(item, dict) and _DIRECTIVE in item for item in items.values())):
        hint = "remove the item that has only $patch, or the other directives"
        raise InvalidValueError(
            "several directives", "one $patch for the whole list or one per item", hint=hint, at=path
        )
    return _directive(new[heads[0]], (*path, heads[0])) if heads else "merge", items


def _used(keys: Keys, before: list[Any], items: dict[int, Any], path: Path) -> Keys:
    """Return the merge keys that the items have.

    Raises InvalidValueError if kustomize would lose an item or a change.
    """
    patched = list(items.values())
    if (index := find_ambiguous_item(patched, keys)) is not None:
        raise InvalidValueError(
            patched[index], f"a mapping with its own {' and '.join(keys)}", at=(*path, list(items)[index])
        )
    if (index := find_ambiguous_item(before, keys)) is not None:
        raise InvalidValueError(
            patched, f"no patch, because item {index} of the object's list is repeated or has no {keys[0]}", at=path
        )
    for place, item in items.items():
        _check_merge_keys(item, keys, (*path, place))
    used = tuple(key for key in keys if any(item.get(key) is not None for item in [*before, *patched]))
    for place, item in items.items():
        _check_keys(item, used, f"write {used[-1]} in each item", (*path, place))
    for item in before if items else ():
        _check_keys(item, used, f"remove {used[-1]} from each item, as in the object", path)
    return used


def _check_merge_keys(item: dict[str, Any], keys: Keys, path: Path) -> None:
    """Raise InvalidValueError for a mapping or a list by which kustomize would tell items apart."""
    for key in keys:
        value = item.get(key)
        if isinstance(value, dict | list):
            only = value[0] if isinstance(value, list) and len(value) == 1 else None
            hint = f"write {key}: {only}" if isinstance(only, str | int) else ""
            raise InvalidValueError(value, f"the {key} of an item", hint=hint, at=(*path, key))


def _check_keys(item: dict[str, Any], used: Keys, hint: str, path: Path) -> None:
    if any(item.get(key) is None for key in used):
        raise InvalidValueError(
            item, f"{used[-1]} in all items or in none; kustomize would lose the change", hint=hint, at=path
        )


def _atomic(new: Any, path: Path) -> Any:
    """Return a list that replaces the old one whole.

    Raises InvalidValueError for directives, which kustomize would leave in the list.
    """
    nodes = enumerate(new) if isinstance(new, list) else new.items() if isinstance(new, dict) else ()
    for step, value in nodes:
        if isinstance(step, str) and step.startswith("$"):
            hint = "this list is replaced as a whole: write all of its items, without directives"
            raise InvalidValueError(step, "plain items", hint=hint, at=(*path, step))
        _atomic(value, (*path, step))
    return new

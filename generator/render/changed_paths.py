"""The places in an object that patches changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.render.kustomize.merge_keys import identity, keyed_lists

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.render.engine.shapes import SlotPath, Tree
    from generator.render.kustomize.merge_keys import Keys

_MISSING: Final[Any] = object()


def changed_paths(before: Tree, after: Tree) -> list[SlotPath]:
    """Return the path of each value that differs, in `after`; for a value that is gone, the path that it had.

    Mappings are compared key by key, and keyed lists item by item. Of any other list the path of the list is returned.
    """
    return list(_below(before, after, (), "", keyed_lists(before)))


def _below(old: Any, new: Any, path: SlotPath, pattern: str, keyed: Mapping[str, Keys]) -> Iterator[SlotPath]:
    if old is new or old == new:
        return
    if isinstance(old, dict) and isinstance(new, dict):
        for key in {**old, **new}:
            yield from _below(old.get(key, _MISSING), new.get(key, _MISSING), (*path, key), f"{pattern}.{key}", keyed)
    elif isinstance(old, list) and isinstance(new, list) and (keys := keyed.get(pattern)) is not None:
        yield from _items(old, new, keys, path, pattern, keyed)
    else:
        yield path


def _items(
    old: list[Any], new: list[Any], keys: Keys, path: SlotPath, pattern: str, keyed: Mapping[str, Keys]
) -> Iterator[SlotPath]:
    known = {identity(item, keys): item for item in old}
    for index, item in enumerate(new):
        before = known.pop(identity(item, keys), _MISSING)
        if before is _MISSING:
            yield (*path, index)
        else:
            yield from _below(before, item, (*path, index), f"{pattern}[]", keyed)
    if known:  # items that are gone
        yield path

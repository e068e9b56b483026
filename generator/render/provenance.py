"""The origin of a rendered value, found by running the views again on settings that record what is read.

A run without findings has no extra cost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct, field
from msgspec.structs import replace

from generator.render.kustomize.merge_keys import keyed_lists
from generator.render.spec_patches import addresses
from generator.render.views import View
from generator.spec.layers import LISTS, MERGED_MODELS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from generator.core.finding import Position
    from generator.fleet.model import ServiceInstance
    from generator.render.engine.shapes import SlotPath, Tree
    from generator.render.kustomize.merge_keys import Keys
    from generator.render.objects import ObjectRenderer

Leaf = tuple[str | int, ...]


def locate(objects: ObjectRenderer, instance: ServiceInstance, template: str, tree: Tree, path: SlotPath) -> Position:
    """Return the spec line that set the value at `path` of an object of a service.

    A patch of the spec that sets the path comes first, then the settings that the template's slot reads (the one whose
    value appears in the rendered value, else the last one by name), then the service's file.
    """
    absent = _at(tree, path[:-1]) is not None and _at(tree, path) is None
    # What is missing was left out, or removed by a null, where the mapping above it was written.
    for wanted in (path, path[:-1]) if absent and len(path) > 1 else (path,):
        if (patch := find_patch(instance, tree, wanted)) is not None:
            return instance.position(*patch)
    leaves = _read_by(objects, instance, template, path)
    leaf = _best(leaves, instance, _at(tree, path), path)
    return instance.position(*leaf) if leaf is not None else instance.position()


def find_patch(instance: ServiceInstance, tree: Tree, path: SlotPath) -> Leaf | None:
    """Return the setting that is the patch of an object's value, with the path in the patch; None if none sets it."""
    for index, patch in enumerate(instance.settings.patches or ()):
        if addresses(patch, tree) and _reaches(patch, path, tree):
            return "patches", index, *_below(patch, path, tree)
    return None


class _Recording(Struct):
    """Settings that record which leaves are read: a key, or a key and a name in a merged map or an index in a list."""

    values: Any
    log: list[Leaf]
    prefix: Leaf = ()

    def __getattr__(self, name: str) -> Any:
        value = getattr(self.values, name)
        if name in MERGED_MODELS and value is not None:
            return _Recording(value, self.log, (name,))
        if isinstance(value, dict):
            return _RecordingMap(value, self.log, (*self.prefix, name))
        if name in LISTS and not self.prefix and value:
            return _RecordingItems(value, self.log, name)
        self.log.append((*self.prefix, name))
        return value


class _RecordingItems(list[Any]):
    """A list of settings that records which items are read."""

    def __init__(self, values: Iterable[Any], log: list[Leaf], key: str) -> None:
        super().__init__(values)
        self._log, self._key = log, key

    def __iter__(self) -> Iterator[Any]:
        for index, item in enumerate(super().__iter__()):
            self._log.append((self._key, index))
            yield item


class _RecordingMap(dict[str, Any]):
    """A map of settings that records which entries are read."""

    def __init__(self, values: Mapping[str, Any], log: list[Leaf], prefix: Leaf) -> None:
        super().__init__(values)
        self._log, self._prefix = log, prefix

    def __getitem__(self, key: str) -> Any:
        self._log.append((*self._prefix, key))
        return super().__getitem__(key)

    def __iter__(self) -> Iterator[str]:
        # Needed for `{**map}` too: without this method Python copies the map without reading its entries one by one.
        for key in super().__iter__():
            self._log.append((*self._prefix, key))
            yield key

    def items(self) -> Any:
        return [(key, super(_RecordingMap, self).__getitem__(key)) for key in self]


class _Slots(Struct):
    """The leaves that were read for each slot, in the order of evaluation."""

    log: list[Leaf]
    leaves: list[frozenset[Leaf]] = field(default_factory=list)

    def append(self, _: Any) -> None:
        """Assign the leaves that were read since the last slot to this one; called for each filled slot."""
        self.leaves.append(frozenset(self.log))
        self.log.clear()

    def __len__(self) -> int:
        return len(self.leaves)


class _Fresh(View[Any]):
    """A view that computes each value again, so that every read is recorded."""

    def __getattr__(self, name: str) -> Any:
        value = super().__getattr__(name)
        self.__dict__.pop(name, None)
        return value


def _read_by(objects: ObjectRenderer, instance: ServiceInstance, template: str, path: SlotPath) -> frozenset[Leaf]:
    """Return the leaves that the slot at or above `path` reads."""
    slots = trace(objects, instance, template)
    fitting = [(place, leaves) for place, leaves in slots if path[: len(place)] == place]
    return max(fitting, key=lambda item: len(item[0]))[1] if fitting else frozenset()


def trace(objects: ObjectRenderer, instance: ServiceInstance, template: str) -> list[tuple[SlotPath, frozenset[Leaf]]]:
    """Return each slot of the object that `template` renders: its path, and the settings that its value reads."""
    log: list[Leaf] = []
    context = objects.context(instance)
    recording: Any = _Recording(instance.settings, log)
    watched = replace(context, instance=replace(instance, settings=recording))
    values = _Slots(log)
    views = {name: _Fresh(functions, watched) for name, functions in objects.views().items()}
    places = objects.renderer.trace(template, views, values)
    return [(place, leaves) for place, leaves in zip(places, values.leaves, strict=True) if place is not None]


def _best(leaves: frozenset[Leaf], instance: ServiceInstance, found: Any, path: SlotPath) -> Leaf | None:
    def rank(leaf: Leaf) -> tuple[bool, int, bool, tuple[str, ...]]:
        name, setting = leaf[-1], setting_value(instance, leaf)
        values = [text for part in (_parts(setting) if isinstance(name, int) else [setting]) if (text := str(part))]
        named = isinstance(name, str) and (name == found or name in map(str, path))
        shown = sum(text in str(found) for text in values)
        return named or str(found) in values, shown, leaf[0] in path, tuple(map(str, leaf))

    return max(leaves, key=rank, default=None)


def setting_value(instance: ServiceInstance, leaf: Leaf) -> Any:
    """Return the effective value of a setting: of a key, of a name in a mapping, or of an item of a list."""
    value: Any = instance.settings
    for step in leaf:
        if isinstance(step, int):
            value = value[step]
        else:
            value = value.get(step) if isinstance(value, dict) else getattr(value, step, None)
    return value


def _parts(value: Any) -> Iterable[Any]:
    """Return the values of the fields of an item of a list, and any other value alone."""
    return [getattr(value, name) or "" for name in value.__struct_fields__] if isinstance(value, Struct) else [value]


def _at(tree: Any, path: SlotPath) -> Any:
    for step in path:
        try:
            tree = tree[step]
        except (KeyError, IndexError, TypeError):
            return None
    return tree


def _reaches(patch: Any, path: SlotPath, tree: Tree) -> bool:
    """Return whether a patch sets something at or above `path`."""
    below = _below(patch, path, tree)
    return len(below) == len(path) or (bool(below) and not isinstance(_at(patch, below), dict | list))


def _below(patch: Any, path: SlotPath, tree: Tree) -> SlotPath:
    """Return the longest prefix of `path` that the patch has, with the patch's own list positions."""
    keyed, out, node, pattern = keyed_lists(tree), list[str | int](), tree, ""
    for step in path:
        node = _at(node, (step,))
        if isinstance(patch, dict) and step in patch:
            place: str | int = step
            pattern = f"{pattern}.{step}"
        elif isinstance(patch, list) and isinstance(step, int) and patch:
            place = _place(patch, step, node, keyed.get(pattern))
            pattern = f"{pattern}[]"
        else:
            break
        patch = patch[place]
        out.append(place)
    return tuple(out)


def _place(items: list[Any], step: int, wanted: Any, keys: Keys | None) -> int:
    """Return the position in a patch's list of the object's item `wanted`, which has the position `step` there."""
    if keys is not None and isinstance(wanted, dict):
        for index, item in enumerate(items):
            if isinstance(item, dict) and item.get(keys[0]) is not None and _is_alike(item, wanted, keys):
                return index
    return step if step < len(items) else 0


def _is_alike(item: dict[str, Any], other: dict[str, Any], keys: Keys) -> bool:
    return all(str(item.get(key)) == str(other.get(key)) for key in keys if item.get(key) is not None)

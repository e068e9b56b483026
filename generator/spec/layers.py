"""Layers of settings: the last layer that sets a key wins, and each value keeps the position where it was set.

Compact values are parsed before they are merged, so that the notation that one layer uses never affects another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from generator.spec.base import Spec, fields_of, find_nested_model
from generator.spec.keys import Merge, Scalars, select_keys, select_lists
from generator.spec.settings import Settings
from generator.spec.values.list_items import Removal

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Sequence

    from generator.core.finding import Position
    from generator.core.yaml import Document, Path
    from generator.spec.keys import MergeItems

# Mappings that merge key by key, and lists that merge item by item; every other setting is replaced as a whole.
_NESTED: Final = select_keys(Settings, Merge.NESTED)
NAMED: Final = select_keys(Settings, Merge.BY_KEY) | _NESTED
LISTS: Final = select_lists(Settings)
# Those of `NAMED` that have a model of their own; they are plain mappings while layers are merged.
MERGED_MODELS: Final[dict[str, type[Spec]]] = {
    key: model for key in NAMED if (model := find_nested_model(fields_of(Settings)[key].annotation)) is not None
}
_FIELDS: Final = frozenset(fields_of(Settings))
_TYPED: Final = select_keys(Settings, Scalars.KUBERNETES)

Values = dict[str, Any]


class Layer(Struct, frozen=True):
    """The settings of one source: `values` contains only the keys written there; None is a written null.

    What is generated for a service has the position of the file that it comes from, but is not written there.
    """

    name: str
    document: Document
    path: Path
    values: Values
    generated: bool = False

    def position(self, path: Path = ()) -> Position:
        """Return the position of `path` in this layer, or that of its nearest ancestor."""
        return self.document.position(self.path + path)


def layer(name: str, document: Document, path: Path, settings: Settings) -> Layer:
    """Return a layer of the keys that were written in `settings`; defaults of the model are left out."""
    values = written_values(settings)
    for key in _TYPED & values.keys():
        if values[key]:
            values[key] = document.with_types((*path, key))
    return Layer(name, document, path, values)


def written_values(settings: Settings) -> Values:
    """Return the settings that were written; models that merge by key become plain mappings."""
    values: Values = {key: getattr(settings, key) for key in settings.written & _FIELDS}
    for key in MERGED_MODELS.keys() & values.keys():
        if (model := values[key]) is not None:
            values[key] = {name: getattr(model, name) for name in model.written}
    return values


def merge(layers: Iterable[Values]) -> Values:
    """Merge all layers into one.

    None for removed keys is kept, so that merged prefixes can be shared between services.
    """
    out: Values = {}
    for values in layers:
        for key, value in values.items():
            below = out.get(key)
            if key in LISTS and below is not None and value is not None:
                out[key] = _merge_items(LISTS[key], below, value)
            else:
                out[key] = _merge_names(key, below, value) if key in NAMED and below and value is not None else value
    return out


def _merge_names(key: str, below: Values, value: Values) -> Values:
    return _merge_nested(below, value) if key in _NESTED else {**below, **value}


def _merge_nested(below: Values, value: Values) -> Values:
    inner = {
        key: _merge_nested(below[key], item)
        for key, item in value.items()
        if isinstance(item, dict) and isinstance(below.get(key), dict)
    }
    return {**below, **value, **inner}


def _merge_items(rule: MergeItems, below: Sequence[Any], items: Sequence[Any]) -> Sequence[Any]:
    """Return the items of two layers. Removals are kept, so that merged prefixes can be shared between services."""
    if not items or items[0] is None:
        return items
    if not below:
        return [None, *items]
    if rule.by is None:
        return [*below, *items]
    return tuple((_by_identity(rule, below) | _by_identity(rule, items)).values())


def _by_identity(rule: MergeItems, items: Sequence[Any]) -> dict[Hashable, Any]:
    return {_identity(rule, item): item for item in items}


def _identity(rule: MergeItems, item: Any) -> Hashable:
    return item.identity if isinstance(item, Removal) else None if item is None else rule.identity(item)


def _is_marker(item: Any) -> bool:
    return item is None or isinstance(item, Removal)


def _effective(rule: MergeItems, items: Sequence[Any]) -> Sequence[Any]:
    """Return the items of a list without what removes items."""
    if not any(map(_is_marker, items)):
        return items
    last = items if rule.by is None else _by_identity(rule, items).values()
    return tuple(item for item in last if not _is_marker(item))


def to_settings(values: Values) -> Settings:
    """Return merged values as settings, without what a null removed."""
    kept: dict[str, Any] = {key: _kept(key, value) for key, value in values.items() if value is not None}
    for key in MERGED_MODELS.keys() & kept.keys():
        kept[key] = MERGED_MODELS[key](**kept[key])
    return Settings(**kept)


def _kept(key: str, value: Any) -> Any:
    if key in _NESTED:
        return _without_nulls(value)
    if key in NAMED:
        return {name: item for name, item in value.items() if item is not None}
    return _effective(LISTS[key], value) if key in LISTS else value


def _without_nulls(value: Values) -> Values:
    items = ((key, _without_nulls(item) if isinstance(item, dict) else item) for key, item in value.items())
    return {key: item for key, item in items if item is not None}


def origin(layers: Sequence[Layer], path: Path) -> Position | None:
    """Return the position that set the effective value at `path`.

    The path is a key, a key and a name in a merged mapping, or a key and the index of an effective item of a list.
    """
    if len(path) > 1 and path[0] in LISTS:
        return _item_origin(layers, path)
    for candidate in reversed(layers):
        values = candidate.values
        if path[0] not in values:
            continue
        value = values[path[0]]
        if len(path) > 1 and path[0] in NAMED and isinstance(value, dict) and path[1] not in value:
            continue
        return candidate.position(path)
    return None


def _item_origin(layers: Sequence[Layer], path: Path) -> Position | None:
    key, index, *below = path
    sources = list(item_sources(layers, str(key)))
    if not isinstance(index, int) or index >= len(sources):
        return None
    source, place = sources[index]
    return source.position((key, place, *below))


def item_sources(layers: Sequence[Layer], key: str) -> Iterator[tuple[Layer, int]]:
    """Yield for each effective item of a list the layer that set it, and its index there."""
    rule = LISTS[key]
    found: dict[Hashable, tuple[Any, Layer, int]] = {}
    for entry in layers:
        items = entry.values.get(key, ())
        if key in entry.values and (not items or items[0] is None):
            found = {}
        for index, item in enumerate(items or ()):
            identity = len(found) if rule.by is None else _identity(rule, item)
            found[identity] = item, entry, index
    yield from ((entry, index) for item, entry, index in found.values() if not _is_marker(item))


def effective_names(key: str, value: Any, *steps: str) -> dict[Hashable, str]:
    """Return what a merged mapping or list has, by identity, with the name that a spec gives it in a message.

    `steps` lead to a mapping inside of the value.
    """
    for step in steps:
        value = value.get(step) if isinstance(value, dict) else None
    if not value:
        return {}
    if key in NAMED:
        return {name: name for name, item in value.items() if item is not None}
    rule = LISTS[key]
    items = {_identity(rule, item): item for item in _effective(rule, value)}
    return {name: name if isinstance(name, str) else str(item) for name, item in items.items()}

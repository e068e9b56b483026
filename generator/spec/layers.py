"""Layers: each setting may come from several places; the last that sets it wins, and every leaf knows its place.

Compact values are parsed before they are merged, so that the spelling of one layer never matters to another.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from generator.spec.base import find_nested_model
from generator.spec.keys import Merge, Scalars, select_keys
from generator.spec.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from generator.core.finding import Position
    from generator.core.yaml import Document, Path
    from generator.spec.base import Spec

# Maps that merge key by key; every other setting is replaced whole.
_MERGED: Final = select_keys(Settings, Merge.BY_KEY)
# Of these, the ones that have a model of their own; while layers merge they are plain mappings.
MERGED_MODELS: Final[dict[str, type[Spec]]] = {
    key: model for key in _MERGED if (model := find_nested_model(Settings.model_fields[key].annotation)) is not None
}
_TYPED: Final = select_keys(Settings, Scalars.KUBERNETES)

Values = dict[str, Any]
_NOTHING: Final[set[str]] = set()


@dataclass(frozen=True, slots=True)
class Layer:
    """What one place sets: `values` holds only the keys written there, None where a written null removes."""

    name: str
    document: Document
    path: Path
    values: Values

    def position(self, path: Path = ()) -> Position:
        """Where this layer writes `path`, or its nearest ancestor."""
        return self.document.position(self.path + path)


def layer(name: str, document: Document, path: Path, settings: Settings) -> Layer:
    """The keys that `settings` really wrote, as a layer."""
    values = written(settings)
    for key in _TYPED & values.keys():
        if values[key]:
            values[key] = document.with_types((*path, key))
    return Layer(name, document, path, values)


def written(settings: Settings) -> Values:
    """The settings that were written, models that merge as plain mappings."""
    values: Values = {key: getattr(settings, key) for key in settings.model_fields_set if key in Settings.model_fields}
    for key in MERGED_MODELS.keys() & values.keys():
        if (model := values[key]) is not None:
            values[key] = {name: getattr(model, name) for name in model.model_fields_set}
    return values


def merge(layers: Iterable[Values]) -> Values:
    """All layers as one, tombstones (None) kept, so that merged prefixes can be shared between services."""
    out: Values = {}
    for values in layers:
        for key, value in values.items():
            below = out.get(key)
            out[key] = {**below, **value} if key in _MERGED and below and value is not None else value
    return out


def settle(values: Values) -> Settings:
    """Merged values as settings; what a null removed is gone."""
    kept: dict[str, Any] = {
        key: {k: v for k, v in value.items() if v is not None} if key in _MERGED else value
        for key, value in values.items()
        if value is not None
    }
    for key in MERGED_MODELS.keys() & kept.keys():
        kept[key] = MERGED_MODELS[key].model_construct(_NOTHING, **kept[key])
    # One empty set for all: which keys were written is known by the layers, and a set for each service costs 2 kB.
    return Settings.model_construct(_NOTHING, **kept)


def origin(layers: Sequence[Layer], path: Path) -> Position | None:
    """The place that set the effective value at `path` (a key, or a key and a name in a merged map)."""
    for candidate in reversed(layers):
        values = candidate.values
        if path[0] not in values:
            continue
        value = values[path[0]]
        if len(path) > 1 and path[0] in _MERGED and isinstance(value, dict) and path[1] not in value:
            continue
        return candidate.position(path)
    return None

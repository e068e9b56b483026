"""Layers of settings: the last layer that sets a key wins, and each value keeps the position where it was set.

Compact values are parsed before they are merged, so that the notation that one layer uses never affects another.
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

# Mappings that merge key by key; every other setting is replaced as a whole.
_MERGED: Final = select_keys(Settings, Merge.BY_KEY)
# Those of `_MERGED` that have a model of their own; they are plain mappings while layers are merged.
MERGED_MODELS: Final[dict[str, type[Spec]]] = {
    key: model for key in _MERGED if (model := find_nested_model(Settings.model_fields[key].annotation)) is not None
}
_TYPED: Final = select_keys(Settings, Scalars.KUBERNETES)

Values = dict[str, Any]
_NOTHING: Final[set[str]] = set()


@dataclass(frozen=True, slots=True)
class Layer:
    """The settings of one source: `values` contains only the keys written there; None is a written null."""

    name: str
    document: Document
    path: Path
    values: Values

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
    values: Values = {key: getattr(settings, key) for key in settings.model_fields_set if key in Settings.model_fields}
    for key in MERGED_MODELS.keys() & values.keys():
        if (model := values[key]) is not None:
            values[key] = {name: getattr(model, name) for name in model.model_fields_set}
    return values


def merge(layers: Iterable[Values]) -> Values:
    """Merge all layers into one.

    None for removed keys is kept, so that merged prefixes can be shared between services.
    """
    out: Values = {}
    for values in layers:
        for key, value in values.items():
            below = out.get(key)
            out[key] = {**below, **value} if key in _MERGED and below and value is not None else value
    return out


def to_settings(values: Values) -> Settings:
    """Return merged values as settings, without what a null removed."""
    kept: dict[str, Any] = {
        key: {k: v for k, v in value.items() if v is not None} if key in _MERGED else value
        for key, value in values.items()
        if value is not None
    }
    for key in MERGED_MODELS.keys() & kept.keys():
        kept[key] = MERGED_MODELS[key].model_construct(_NOTHING, **kept[key])
    # All share one empty set: the layers know which keys were written, and a set for each service costs 2 kB.
    return Settings.model_construct(_NOTHING, **kept)


def origin(layers: Sequence[Layer], path: Path) -> Position | None:
    """Return the position that set the effective value at `path` (a key, or a key and a name in a merged mapping)."""
    for candidate in reversed(layers):
        values = candidate.values
        if path[0] not in values:
            continue
        value = values[path[0]]
        if len(path) > 1 and path[0] in _MERGED and isinstance(value, dict) and path[1] not in value:
            continue
        return candidate.position(path)
    return None

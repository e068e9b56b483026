"""Which file gives which setting of a service, as each layer writes it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct, field

from generator.core.yaml import EMPTY
from generator.report.site.model import SettingRow
from generator.spec.keys import Merge, select_keys
from generator.spec.layers import LISTS, NAMED, item_sources
from generator.spec.settings import Settings
from generator.spec.values.health import Health, to_dict
from generator.spec.values.metrics import Scrape, format_scrape
from generator.spec.values.text import items

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from generator.fleet.model import ServiceInstance
    from generator.spec.layers import Layer

    # A key with dots, and its value as the layer writes it; None if the layer removes it.
    Item = tuple[str, str | None]
    # A key, its value, and the layer and the file that write it.
    Setting = tuple[str, str, str, str]

_NESTED: Final = select_keys(Settings, Merge.NESTED)


class _LayerSettings(Struct, frozen=True):
    """What a layer removes, and what it sets, by key; of lists, the text of each item."""

    removed: tuple[str, ...]
    settings: dict[str, Setting]
    lists: dict[str, list[str]]


class _Merged(Struct, frozen=True):
    """The settings that layers give together, by key; of lists, the names alone."""

    settings: dict[str, Setting] = field(default_factory=dict)
    lists: frozenset[str] = frozenset()

    def add(self, written: _LayerSettings) -> _Merged:
        """Return the settings with one more layer."""
        below = self.settings
        for key in written.removed:
            below = {name: one for name, one in below.items() if name != key and not name.startswith(f"{key}.")}
        return _Merged(below | written.settings, self.lists | written.lists.keys())


class SettingsReader(Struct):
    """Reads the settings of services; layers that many of them share are read and merged once.

    `hider` returns for a file what removes secrets from its texts.
    """

    hider: Callable[[str], Callable[[str], str]]
    # Both by the ids of layers, which stay as long as the reader.
    _known: dict[int, tuple[Layer, _LayerSettings]] = field(default_factory=dict)
    _merged: dict[tuple[int, ...], _Merged] = field(default_factory=dict)

    def rows(self, instances: Iterable[ServiceInstance]) -> tuple[SettingRow, ...]:
        """Return the settings of a service in all its environments, equal ones together, sorted by key."""
        found: dict[Setting, list[str]] = {}
        for instance in instances:
            for setting in self._effective(instance).values():
                found.setdefault(setting, []).append(instance.environment.name)
        return tuple(SettingRow(*one, tuple(names)) for one, names in sorted(found.items(), key=_key))

    def _effective(self, instance: ServiceInstance) -> dict[str, Setting]:
        found = self._below(instance.layers[:-1]).add(self._written(instance.layers[-1]))
        out = dict(found.settings)
        for key in found.lists:
            for index, (layer, at) in enumerate(item_sources(instance.layers, key)):
                name = f"{key}[{index}]"
                out[name] = _setting(name, self._written(layer).lists[key][at], layer)
        return out

    def _below(self, layers: tuple[Layer, ...]) -> _Merged:
        """Return what layers give that other services, or other environments of this one, may have too."""
        key = tuple(map(id, layers))
        if key not in self._merged:
            below = self._below(layers[:-1]).add(self._written(layers[-1])) if layers else _Merged()
            self._merged[key] = below
        return self._merged[key]

    def _written(self, layer: Layer) -> _LayerSettings:
        if id(layer) not in self._known:
            hide = self.hider(layer.document.file)
            found = [item for key in layer.values if key not in LISTS for item in _items(layer, key, hide)]
            settings = {key: _setting(key, value, layer) for key, value in found if value is not None}
            removed = tuple(key for key, value in found if value is None)
            keys = LISTS.keys() & layer.values.keys()
            lists = {key: [hide(as_text(item)) for item in _list(layer, key)] for key in keys}
            self._known[id(layer)] = layer, _LayerSettings(removed, settings, lists)
        return self._known[id(layer)][1]


def as_text(value: Any) -> str:
    """Return a value as a spec writes it: text as it is, anything else as JSON, which is YAML."""
    if value is None or value is EMPTY:
        return ""
    shown = _written_form(value)
    return shown if isinstance(shown, str) else json.dumps(shown, ensure_ascii=False, default=str)


def _key(one: tuple[Setting, list[str]]) -> str:
    return one[0][0]


def _setting(key: str, value: str, layer: Layer) -> Setting:
    return key, value, layer.name, layer.document.file


def _items(layer: Layer, key: str, hide: Callable[[str], str]) -> Iterator[Item]:
    """Yield what a layer writes below a key. A mapping in a compact form has only parsed values."""
    raw, value = _raw(layer, key), layer.values[key]
    if value is None or key not in NAMED:
        yield key, None if value is None else hide(as_text(raw))
        return
    for name, item in value.items():
        written = raw[name] if isinstance(raw, dict) and name in raw else item
        yield from _items_of_name(f"{key}.{name}", written, hide, nested=key in _NESTED)


def _items_of_name(key: str, value: Any, hide: Callable[[str], str], *, nested: bool) -> Iterator[Item]:
    if nested and isinstance(value, dict) and value:
        for name, item in value.items():
            yield from _items_of_name(f"{key}.{name}", item, hide, nested=True)
    else:
        yield key, None if value is None else hide(as_text(value))


def _written_form(value: Any) -> Any:
    """Return a parsed value as a spec writes it; any other value as it is."""
    match value:
        case Health():
            return to_dict(value)
        case Scrape():
            return format_scrape(value)
        case _:
            return value


def _raw(layer: Layer, key: str) -> Any:
    if layer.generated:
        return layer.values[key]
    data: Any = layer.document.data
    for step in (*layer.path, key):
        data = data.get(step) if isinstance(data, dict) else None
    return layer.values[key] if data is None else data


def _list(layer: Layer, key: str) -> Sequence[Any]:
    """Return the items of a list as they are written: those of a list, the parts of a text, or one mapping."""
    raw, parsed = _raw(layer, key), layer.values[key] or ()
    written = items(raw, "items") if isinstance(raw, str) else raw if isinstance(raw, list) else [raw]
    return written if len(written) == len(parsed) else parsed

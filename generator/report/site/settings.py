"""Which file gives which setting of a service, as each layer writes it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from generator.core.yaml import EMPTY
from generator.report.site.model import SettingRow
from generator.spec.keys import Merge, select_keys
from generator.spec.layers import LISTS, NAMED, item_sources
from generator.spec.settings import Settings
from generator.spec.values.health import Health, to_dict
from generator.spec.values.metrics import Scrape, format_scrape
from generator.spec.values.text import items

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from generator.fleet.model import ServiceInstance
    from generator.spec.layers import Layer

    # A key with dots, and its value as the layer writes it; None if the layer removes it.
    Written = tuple[str, str | None]

_NESTED: Final = select_keys(Settings, Merge.NESTED)


@dataclass(slots=True)
class SettingsReader:
    """Reads the settings of services; a layer that many of them share is read once. `hide` removes secrets."""

    hide: Callable[[str, str], str]
    _known: dict[int, tuple[Layer, list[Written]]] = field(default_factory=dict)

    def rows(self, instances: Iterable[ServiceInstance]) -> tuple[SettingRow, ...]:
        """Return the settings of a service in all its environments, equal ones together, sorted by key."""
        found: dict[tuple[str, str, str, str], list[str]] = {}
        for instance in instances:
            for key, (value, layer) in self._effective(instance).items():
                row = (key, value, layer.name, layer.document.file)
                found.setdefault(row, []).append(instance.environment.name)
        return tuple(SettingRow(*row, tuple(names)) for row, names in sorted(found.items(), key=lambda one: one[0][0]))

    def _effective(self, instance: ServiceInstance) -> dict[str, tuple[str, Layer]]:
        out: dict[str, tuple[str, Layer]] = {}
        lists: set[str] = set()
        for layer in instance.layers:
            lists |= LISTS.keys() & layer.values.keys()
            for key, value in self._written(layer):
                if value is None:
                    out = {name: one for name, one in out.items() if name != key and not name.startswith(f"{key}.")}
                else:
                    out[key] = value, layer
        for key in lists:
            for index, (layer, at) in enumerate(item_sources(instance.layers, key)):
                out[f"{key}[{index}]"] = self._text(_item(layer, key, at), layer), layer
        return out

    def _written(self, layer: Layer) -> list[Written]:
        if id(layer) not in self._known:
            whole = ((key, value) for key, value in layer.values.items() if key not in LISTS)
            found = [one for key, value in whole for one in self._of_key(layer, key, value)]
            self._known[id(layer)] = layer, found
        return self._known[id(layer)][1]

    def _of_key(self, layer: Layer, key: str, value: Any) -> Iterator[Written]:
        """Yield what a layer writes below a key. A mapping in a compact form has only parsed values."""
        raw = _raw(layer, key)
        if value is None or key not in NAMED:
            yield key, None if value is None else self._text(raw, layer)
            return
        for name, item in value.items():
            written = raw[name] if isinstance(raw, dict) and name in raw else item
            yield from self._of_name(layer, f"{key}.{name}", written, nested=key in _NESTED)

    def _of_name(self, layer: Layer, key: str, value: Any, *, nested: bool) -> Iterator[Written]:
        if nested and isinstance(value, dict) and value:
            for name, item in value.items():
                yield from self._of_name(layer, f"{key}.{name}", item, nested=True)
        else:
            yield key, None if value is None else self._text(value, layer)

    def _text(self, value: Any, layer: Layer) -> str:
        return self.hide(as_text(value), layer.document.file)


def as_text(value: Any) -> str:
    """Return a value as a spec writes it: text as it is, anything else as JSON, which is YAML."""
    if value is None or value is EMPTY:
        return ""
    shown = _written_form(value)
    return shown if isinstance(shown, str) else json.dumps(shown, ensure_ascii=False, default=str)


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


def _item(layer: Layer, key: str, index: int) -> Any:
    """Return an item of a list as it is written: an item of a list, a part of a text, or one mapping."""
    raw, parsed = _raw(layer, key), layer.values[key]
    written = items(raw, "items") if isinstance(raw, str) else raw if isinstance(raw, list) else [raw]
    return (written if len(written) == len(parsed) else parsed)[index]

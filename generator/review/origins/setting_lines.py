"""The lines that write a setting, in all layers of a service: the one that counts, and those that it overrides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.review.origins.origin import SettingLines, SpecLine
from generator.spec.layers import LISTS, NAMED, item_sources

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.fleet.model import ServiceInstance
    from generator.render.provenance import Leaf
    from generator.spec.layers import Layer


def setting_lines(instance: ServiceInstance, leaf: Leaf) -> SettingLines:
    """Return the lines that write a setting: a key, a name in a merged mapping, or an item of a list."""
    key = str(leaf[0])
    if len(leaf) > 1 and key in LISTS and isinstance(leaf[1], int):
        return SettingLines(".".join(map(str, leaf)), tuple(_of_item(instance, key, leaf[1])))
    wanted = leaf[:2] if key in NAMED else leaf[:1]
    found = [_line(layer, wanted) for layer in reversed(instance.layers) if _writes(layer, wanted)]
    # What starts a server is a layer of its own in the file of the server's defaults.
    different = {line.position: line for line in reversed(found)}
    return SettingLines(".".join(map(str, wanted)), tuple(reversed(different.values())))


def _of_item(instance: ServiceInstance, key: str, index: int) -> Iterator[SpecLine]:
    sources = list(item_sources(instance.layers, key))
    if index < len(sources):
        layer, place = sources[index]
        yield _line(layer, (key, place))


def _writes(layer: Layer, leaf: Leaf) -> bool:
    key, *names = leaf
    if key not in layer.values:
        return False
    value = layer.values[str(key)]
    return not names or value is None or (isinstance(value, dict) and names[0] in value)


def _line(layer: Layer, leaf: Leaf) -> SpecLine:
    path = (*layer.path, *leaf)
    return SpecLine(layer.position(leaf), ".".join(map(str, path)), _written(layer, leaf), layer.name)


def _written(layer: Layer, leaf: Leaf) -> str:
    """Return the value as it is written in the layer's file, or else what the layer has."""
    value: Any = layer.document.data
    for step in (*layer.path, *leaf):
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            value = layer.values.get(str(leaf[0]))
            value = value.get(leaf[1]) if len(leaf) > 1 and isinstance(value, dict) else value
            break
    return "null" if value is None else str(value)

"""Find the origin of a value of an object: the patch, the template's line, and the lines of specs that change it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from generator.core.finding import Position
from generator.core.regex import regex
from generator.fleet.model import ServiceInstance
from generator.fleet.routes import RouteGroup
from generator.render.engine.template_places import find_places
from generator.render.files import CONFIG
from generator.render.objects import VIEW_FUNCTIONS
from generator.render.provenance import find_patch, trace
from generator.render.sync_waves import ANNOTATION
from generator.render.views.route import BACKENDS, route_values
from generator.review.origins import rules
from generator.review.origins.field_paths import value_at
from generator.review.origins.line_finder import LineFinder
from generator.review.origins.origin import ValueOrigin
from generator.review.origins.setting_lines import setting_lines

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.render.app_manifests import Manifest
    from generator.render.engine.shapes import SlotPath
    from generator.render.engine.template_places import TemplatePlace
    from generator.render.provenance import Leaf
    from generator.review.side import Side

_VALUE: Final = regex(r"\b([a-z_]+)\.([a-z_]+)\b")
_NAMESPACE: Final = ("metadata", "namespace")


@dataclass(slots=True)
class OriginFinder:
    """Finds the origins of the values of one side's objects. `specs` are its files; `tries` is as for LineFinder."""

    side: Side
    specs: Mapping[str, bytes]
    tries: bool = True
    _lines: LineFinder = field(init=False)
    _texts: dict[str, list[str]] = field(init=False, default_factory=dict)
    _places: dict[int, tuple[Manifest, list[TemplatePlace]]] = field(init=False, default_factory=dict)
    _traces: dict[int, list[tuple[SlotPath, frozenset[Leaf]]]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._lines = LineFinder(self.side, self.specs, self.tries)

    def of(self, entry: Manifest, path: SlotPath) -> ValueOrigin:
        """Return the origin of a value of an object; `path` leads to a scalar or to an empty collection."""
        if entry.template == CONFIG:
            return self._of_config(entry, path)
        if (found := self._of_patch(entry, path)) is not None:
            return found
        if path == _NAMESPACE:
            return self._of_namespace(entry)
        place = self._place(entry, path)
        if place is None or (place.is_slot and path[-1] == ANNOTATION):
            return rules.of_addition(path)
        return self._of_template(entry, path, place)

    def _of_patch(self, entry: Manifest, path: SlotPath) -> ValueOrigin | None:
        origin = entry.origin
        if not isinstance(origin, ServiceInstance) or not any(path[: len(one)] == one for one in entry.patched):
            return None
        leaf = find_patch(origin, entry.tree, path)
        if leaf is None:
            return None
        line = setting_lines(origin, leaf[:2]).lines[0]
        key = ".".join((line.key, *map(str, leaf[2:])))
        at = line._replace(position=origin.position(*leaf), key=key, value=str(value_at(entry.tree, path)))
        return ValueOrigin(patches=(at,), proven=True)

    def _of_config(self, entry: Manifest, path: SlotPath) -> ValueOrigin:
        origin = entry.origin
        assert isinstance(origin, ServiceInstance)  # only services have config files
        if path[0] == "data":
            return ValueOrigin(rule=rules.CONFIG_FILE, settings=(setting_lines(origin, (CONFIG, str(path[1]))),))
        if path == _NAMESPACE:
            return rules.of_namespace(self.side.fleet, entry)
        if path[-1] == ANNOTATION:
            return rules.of_addition(path)
        return ValueOrigin(rule=rules.CONFIG_NAME if path == ("metadata", "name") else rules.CONFIG_MAP)

    def _of_namespace(self, entry: Manifest) -> ValueOrigin:
        if rules.is_in_project(entry):
            return rules.of_namespace(self.side.fleet, entry)
        return replace(self._lines.of(entry, _NAMESPACE, ()), rule=rules.ELSEWHERE)

    def _of_template(self, entry: Manifest, path: SlotPath, place: TemplatePlace) -> ValueOrigin:
        if entry.template not in self._texts:
            self._texts[entry.template] = self.side.renderer.loader.text(entry.template).splitlines()
        line = self._texts[entry.template][place.line - 1]
        text = line.strip()
        position = Position(f"templates/{entry.template}", place.line, line.index(text) + 1)
        found = ValueOrigin(position, text)
        if not place.is_slot:
            return found
        meanings = tuple(_meanings(entry, text))
        hashed = rules.CONFIG_REFERENCE if self._is_config_name(entry, path) else ""
        lines = self._lines.of(entry, path, self._reads(entry, place))
        return replace(lines, template=position, text=text, meanings=meanings, rule=hashed)

    def _place(self, entry: Manifest, path: SlotPath) -> TemplatePlace | None:
        """Return the place in the template of a value: the deepest on its path."""
        if id(entry) not in self._places:
            context = entry.values
            if context is None:
                assert isinstance(entry.origin, ServiceInstance | RouteGroup)  # all others have values
                context = self.side.renderer.template_values(entry.origin)
            self._places[id(entry)] = entry, find_places(self.side.renderer.renderer, entry.template, context)
        fitting = [one for one in self._places[id(entry)][1] if path[: len(one.path)] == one.path]
        return max(fitting, key=lambda one: len(one.path), default=None)

    def _reads(self, entry: Manifest, place: TemplatePlace) -> frozenset[Leaf]:
        """Return the settings that the slot of a service's template reads."""
        if not isinstance(entry.origin, ServiceInstance):
            return frozenset()
        if id(entry) not in self._traces:
            self._traces[id(entry)] = trace(self.side.renderer, entry.origin, entry.template)
        found = [leaves for at, leaves in self._traces[id(entry)] if at == place.path]
        return found[0] if found else frozenset()

    def _is_config_name(self, entry: Manifest, path: SlotPath) -> bool:
        origin, value = entry.origin, value_at(entry.tree, path)
        if path[-1] != "name" or not isinstance(origin, ServiceInstance) or not origin.settings.config:
            return False
        return path[-2:-1] != () and path[-2] in rules.REFERENCES and str(value).startswith(f"{origin.service.name}-")


def _meanings(entry: Manifest, text: str) -> list[str]:
    """Return what the values in a line of a template are, from the documentation of the views."""
    views: Mapping[str, Mapping[str, Any]] = VIEW_FUNCTIONS
    if isinstance(entry.origin, RouteGroup):
        views = {"route": route_values(BACKENDS[entry.origin.owner.environment.facts.routing])}
    slots = "".join(re.findall(r"\{\{.*?\}\}", text))
    found = (views.get(view, {}).get(name) for view, name in _VALUE.findall(slots))
    return [" ".join((one.__doc__ or "").split("\n\n")[0].split()) for one in found if one is not None]

"""Where a template writes each value of the object that it renders: the line, and whether the value is its own text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from generator.render.engine.shapes import value_lines

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.render.engine.renderer import Renderer
    from generator.render.engine.shapes import SlotPath


class TemplatePlace(Struct, frozen=True):
    """The value at `path` is written in this line of a template, in a slot or by the template itself."""

    path: SlotPath
    line: int
    is_slot: bool


def find_places(renderer: Renderer, name: str, context: Mapping[str, Any]) -> list[TemplatePlace]:
    """Return the places of a template's slots, texts and empty collections; none if it renders to nothing."""
    text, lines, values = renderer.trace_lines(name, context)
    return [TemplatePlace(path, lines[line], is_slot) for path, line, is_slot in value_lines(text, values)]

"""A fleet whose findings an earlier run has found, without the checks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.fleet.routing import route_fleet
from generator.pipeline.grants import judged_by
from generator.pipeline.resolved import add_findings
from generator.render.engine.renderer import Renderer
from generator.render.launch.template import LaunchRenderer

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from generator.core.finding import Finding
    from generator.core.template_loader import TemplateLoader
    from generator.pipeline.fleet_memory import FleetMemory
    from generator.pipeline.resolved import Resolved


def resolve_sound_fleet(
    specs: Mapping[str, bytes],
    loader: TemplateLoader,
    findings: tuple[tuple[Finding, ...], tuple[Finding, ...]],
    *,
    now: datetime,
    memory: FleetMemory,
) -> Resolved:
    """Return what `resolve_fleet` returns where the findings are known, those about grants last; none is an error."""
    fleet, _ = memory.resolve(specs)
    assert fleet is not None  # or there would be an error
    fleet, _ = memory.complete(judged_by(fleet, None), LaunchRenderer(Renderer(loader), memory.catalog))
    return add_findings(fleet, route_fleet(fleet), findings, now)

"""A fleet and its routes without the checks: for comparisons, which need no findings about what can be rendered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.core.errors import RefusedError
from generator.core.finding import sort_findings
from generator.fleet.resolve import resolve
from generator.fleet.routing import route_fleet
from generator.pipeline.plan import no_collector
from generator.render.engine.renderer import Renderer
from generator.render.launch.complete import complete
from generator.render.launch.template import LaunchRenderer
from generator.render.own_templates import find_template_mistakes
from generator.spec.catalog import Catalog

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from generator.core.finding import Finding
    from generator.core.template_loader import TemplateLoader
    from generator.fleet.model import Fleet
    from generator.fleet.routing import Routing


@dataclass(frozen=True, slots=True)
class FleetOnly:
    """A fleet with its routes, and the findings about specs that cannot be read; services with errors are left out."""

    fleet: Fleet
    routing: Routing
    findings: tuple[Finding, ...]


def resolve_only(specs: Mapping[str, bytes], loader: TemplateLoader, unread: Iterable[str] = ()) -> FleetOnly:
    """Return the fleet that spec files describe. `unread` are paths in services/ that were found and not read.

    Raises RefusedError if the specs give no fleet at all, or a template of the repository's own has errors.
    """
    with no_collector():
        catalog = Catalog(loader)
        fleet, findings = resolve(specs, catalog, unread)
        mistakes = find_template_mistakes(loader)
        if fleet is None or mistakes:
            raise RefusedError(sort_findings([*findings, *mistakes]), specs)
        fleet, _ = complete(fleet, LaunchRenderer(Renderer(loader), catalog))
        fleet = fleet.drop_broken()
        return FleetOnly(fleet, route_fleet(fleet), tuple(sort_findings(findings)))

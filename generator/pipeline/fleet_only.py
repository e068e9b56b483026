"""A fleet and its routes without the checks: for comparisons, which need no findings about what can be rendered.

Two revisions share what they read from equal files, and the instances that depend on nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from msgspec import Struct

from generator.core.collector import no_collector
from generator.core.errors import RefusedError
from generator.core.finding import sort_findings
from generator.fleet.routing import route_fleet
from generator.pipeline.fleet_memory import FleetMemory
from generator.pipeline.spec_memory import SpecReader
from generator.render.engine.renderer import Renderer
from generator.render.launch.template import LaunchRenderer
from generator.render.own_templates import find_template_mistakes
from generator.spec.catalog import Catalog

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from generator.core.finding import Finding
    from generator.core.template_loader import TemplateLoader
    from generator.fleet.model import Fleet
    from generator.fleet.routing import Routing


class FleetOnly(Struct, frozen=True):
    """A fleet with its routes, and the findings about specs that cannot be read; services with errors are left out."""

    fleet: Fleet
    routing: Routing
    findings: tuple[Finding, ...]


@dataclass(slots=True)
class FleetResolver:
    """Resolves the revisions of one repository, with the catalog of `loader`, each from its own spec files.

    What the last revision has read and resolved is used for the next one, which gives the same fleet as without it.
    """

    loader: TemplateLoader
    read: SpecReader = field(default_factory=SpecReader)
    memory: FleetMemory = field(init=False)

    def __post_init__(self) -> None:
        self.memory = FleetMemory(Catalog(self.loader, self.read.data), read=self.read)

    def with_loader(self, loader: TemplateLoader) -> FleetResolver:
        """Return a resolver with another catalog, which uses what this one has read from spec files."""
        return FleetResolver(loader, self.read)

    def resolve(self, specs: Mapping[str, bytes], unread: Iterable[str] = ()) -> FleetOnly:
        """Return the fleet that spec files describe. `unread` are paths in services/ that were found and not read.

        Raises RefusedError if the specs give no fleet at all, or a template of the repository's own has errors.
        """
        with no_collector():
            raw, findings = self.memory.resolve(specs, unread)
            mistakes = find_template_mistakes(self.loader)
            if raw is None or mistakes:
                raise RefusedError(sort_findings([*findings, *mistakes]), specs)
            launches = LaunchRenderer(Renderer(self.loader), self.memory.catalog)
            fleet = self.memory.complete(raw, launches)[0].drop_broken()
            return FleetOnly(fleet, route_fleet(fleet), tuple(sort_findings(findings)))

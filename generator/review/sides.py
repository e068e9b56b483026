"""Both sides of a comparison, resolved together: what is the same in both is read and resolved once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from generator.core.errors import RefusedError
from generator.core.finding import sort_findings
from generator.pipeline.fleet_only import FleetResolver
from generator.pipeline.spec_memory import SpecReader
from generator.render.objects import ObjectRenderer
from generator.render.own_templates import find_template_mistakes
from generator.review.side import Side
from generator.review.templates import changed_templates, give_same_catalog

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from generator.core.finding import Finding
    from generator.core.template_loader import TemplateLoader
    from generator.pipeline.fleet_only import FleetOnly


class Sides(Struct, frozen=True):
    """Two revisions: their sides, and the findings about specs of each that cannot be read.

    `changed` are the paths of the spec files that differ, `templates` the names of the files below templates/.
    """

    before: Side
    after: Side
    old_findings: tuple[Finding, ...]
    new_findings: tuple[Finding, ...]
    changed: tuple[str, ...]
    templates: tuple[str, ...]


def resolve_sides(
    specs: tuple[Mapping[str, bytes], Mapping[str, bytes]],
    loaders: tuple[TemplateLoader, TemplateLoader],
    unread: Iterable[str] = (),
    read: SpecReader | None = None,
) -> Sides:
    """Return the sides of two revisions from their spec files (path -> content) and the loaders of their templates.

    `unread` are paths in services/ of the second one that were found and not read, `read` reads the specs of both.
    Raises RefusedError if the specs of one give no fleet at all, or a template of the repository's own has errors.
    """
    before, after = specs
    templates = changed_templates(*loaders)
    resolver = FleetResolver(loaders[0], read or SpecReader())
    old = resolver.resolve(before)
    if templates and (mistakes := find_template_mistakes(loaders[1])):
        raise RefusedError(sort_findings(mistakes), after)
    missed, same = list(unread), give_same_catalog(templates)
    if same and before == after and not missed:
        new = old
    else:
        new = (resolver if same else resolver.with_loader(loaders[1])).resolve(after, missed)
    renderer = ObjectRenderer(loaders[0])
    sides = _side(old, renderer), _side(new, ObjectRenderer(loaders[1]) if templates else renderer)
    changed = [file for file in {**before, **after} if before.get(file) != after.get(file)]
    return Sides(*sides, old.findings, new.findings, tuple(changed), tuple(templates))


def _side(found: FleetOnly, renderer: ObjectRenderer) -> Side:
    return Side(found.fleet, found.routing, renderer)

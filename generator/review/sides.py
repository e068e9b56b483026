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
from generator.review.fleet_facts import fleet_facts
from generator.review.near_sides import near_fleets
from generator.review.side import Side
from generator.review.templates import changed_templates, give_same_catalog
from generator.spec.platform import delivery_tools

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from generator.core.finding import Finding
    from generator.core.template_loader import TemplateLoader
    from generator.pipeline.file_facts import FactMemory
    from generator.pipeline.fleet_only import FleetOnly

    Revisions = tuple[Mapping[str, bytes], Mapping[str, bytes]]


class Sides(Struct, frozen=True):
    """Two revisions: their sides, and the findings about specs of each that cannot be read.

    `changed` are the paths of the spec files that differ, `templates` the names of the files below templates/. `shared`
    is whether objects that belong to no app can differ.
    """

    before: Side
    after: Side
    old_findings: tuple[Finding, ...]
    new_findings: tuple[Finding, ...]
    changed: tuple[str, ...]
    templates: tuple[str, ...]
    shared: bool = True


def resolve_sides(
    specs: Revisions,
    loaders: tuple[TemplateLoader, TemplateLoader],
    unread: Iterable[str] = (),
    read: SpecReader | None = None,
    open_facts: Callable[[], FactMemory | None] = lambda: None,
) -> Sides:
    """Return the sides of two revisions from their spec files (path -> content) and the loaders of their templates.

    `unread` are paths in services/ of the second one that were found and not read, `read` reads the specs of both.
    With the facts of `open_facts`, the sides may lack services that the change cannot reach; new facts are kept in it.
    Raises RefusedError if the specs of one give no fleet at all, or a template of the repository's own has errors.
    """
    templates, missed = changed_templates(*loaders), tuple(unread)
    facts = open_facts() if not templates and not missed else None
    near = near_fleets(specs, loaders[0], facts) if facts is not None else None
    old, new = near.fleets if near is not None else _fleets(specs, loaders, templates, missed, read or SpecReader())
    if facts is not None and near is None:
        _keep(facts, specs, (old, new))
    renderer = ObjectRenderer(loaders[0])
    sides = _side(old, renderer), _side(new, ObjectRenderer(loaders[1]) if templates else renderer)
    before, after = specs
    changed = [file for file in {**before, **after} if before.get(file) != after.get(file)]
    # Near fleets have the same of them on both sides but for what delivery tools have of each app.
    shared = near is None or not delivery_tools(new.fleet.platform) <= {"none"}
    return Sides(*sides, old.findings, new.findings, tuple(changed), tuple(templates), shared)


def _fleets(
    specs: Revisions,
    loaders: tuple[TemplateLoader, TemplateLoader],
    templates: Sequence[str],
    unread: Sequence[str],
    read: SpecReader,
) -> tuple[FleetOnly, FleetOnly]:
    """Return the whole fleets of both revisions; `templates` are the files of templates/ that differ."""
    before, after = specs
    resolver = FleetResolver(loaders[0], read)
    old = resolver.resolve(before)
    if templates and (mistakes := find_template_mistakes(loaders[1])):
        raise RefusedError(sort_findings(mistakes), after)
    same = give_same_catalog(templates)
    if same and before == after and not unread:
        return old, old
    return old, (resolver if same else resolver.with_loader(loaders[1])).resolve(after, unread)


def _keep(memory: FactMemory, specs: Revisions, fleets: tuple[FleetOnly, FleetOnly]) -> None:
    """Keep the facts of the revisions without findings."""
    sound = [(fleet.fleet, files) for fleet, files in zip(fleets, specs, strict=True) if not fleet.findings]
    memory.keep({key: facts for fleet, files in sound for key, facts in fleet_facts(fleet, files).items()})


def _side(found: FleetOnly, renderer: ObjectRenderer) -> Side:
    return Side(found.fleet, found.routing, renderer)

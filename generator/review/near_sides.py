"""The two fleets of a comparison with the services that a change can reach, and no others.

A service outside of them has the same objects on both sides: its own files are the same, and it shares no app, name or
host with a service that differs, directly or through others. The objects that belong to no app differ on neither side:
each part of them that only some services near the change have because of it is one of another service too.
"""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING, Final, NamedTuple

from generator.core.errors import RefusedError
from generator.fleet.model import ServiceEntry
from generator.pipeline.data_memory import DataReader
from generator.pipeline.fleet_only import FleetResolver
from generator.pipeline.spec_memory import SpecReader
from generator.review.fleet_facts import content_digest, fleet_facts, model_file, project_file
from generator.spec.files import PLATFORM, is_spec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from generator.core.template_loader import TemplateLoader
    from generator.pipeline.file_facts import FactMemory, FileFacts
    from generator.pipeline.fleet_memory import FleetMemory
    from generator.pipeline.fleet_only import FleetOnly
    from generator.pipeline.spec_memory import SpecMemory

    Specs = Mapping[str, bytes]
    Facts = Mapping[tuple[str, bytes], FileFacts]

MOST: Final = 64
"""More files are resolved sooner with all others, as an earlier run has parsed them."""


class NearFleets(NamedTuple):
    """The fleets of some files on both sides, these files with those that they depend on, and the facts of them.

    `memory` is what was read and resolved for them.
    """

    fleets: tuple[FleetOnly, FleetOnly]
    specs: tuple[Specs, Specs]
    facts: tuple[Facts, Facts]
    memory: FleetMemory


def near_fleets(
    revisions: tuple[Specs, Specs], loader: TemplateLoader, memory: FactMemory, most: int = MOST
) -> NearFleets | None:
    """Return the fleets of two revisions (path -> content) without the services that their difference cannot reach.

    `memory` has the facts of files, and gets those that are new. Return None if this is not known, if more than `most`
    files are near, or if one of the fleets has findings.
    """
    common, other = (dict(_common(specs)) for specs in revisions)
    if PLATFORM not in common or common != other:
        return None
    known = memory.read(revisions)
    far = dict(_same(revisions, known))
    near = [file for file in {**revisions[0], **revisions[1]} if is_spec(file) and file not in far]
    resolver = FleetResolver(loader, SpecReader(data=DataReader(lambda: memory.specs)))
    while len(near) <= most:
        found = _resolved(revisions, near, resolver, memory.specs)
        reached = _reached(found.facts, far) if found is not None else None
        if found is None or reached is None:
            return None
        if not reached:
            memory.keep({**known, **found.facts[0], **found.facts[1]})
            return found
        near += sorted(reached)
        far = {file: facts for file, facts in far.items() if file not in reached}
    return None


def _common(specs: Specs) -> Iterator[tuple[str, bytes]]:
    """Yield the files that decide about namespaces, and so about objects that several projects share."""
    for file, raw in specs.items():
        if file == PLATFORM or file.endswith("/project.yaml"):
            yield file, raw


def _resolved(
    revisions: tuple[Specs, Specs], near: Iterable[str], resolver: FleetResolver, parsed: SpecMemory
) -> NearFleets | None:
    """Return the fleets of some files with those that they depend on; None if there are findings."""
    before, after = (_subset(specs, near, resolver.read, parsed) for specs in revisions)
    try:
        old, new = resolver.resolve(before), resolver.resolve(after)
    except RefusedError:
        return None
    if old.findings or new.findings:
        return None
    facts = fleet_facts(old.fleet, before), fleet_facts(new.fleet, after)
    return NearFleets((old, new), (before, after), facts, resolver.memory)


def _reached(facts: tuple[Facts, Facts], far: Mapping[str, FileFacts]) -> set[str] | None:
    """Return the other services that these reach, and those that have a part which one side lacks; None if nobody has.

    With such a service, both sides have the part, as the whole fleets have.
    """
    old, new = ({part for one in side.values() for part in one.parts} for side in facts)
    bearers = [next((file for file, one in far.items() if part in one.parts), None) for part in old ^ new]
    links = {link for side in facts for one in side.values() for link in one.links}
    linked = [file for file, one in far.items() if not links.isdisjoint(one.links)]
    found = {file for file in (*bearers, *linked) if file is not None}
    return None if None in bearers else found


def _same(revisions: tuple[Specs, Specs], known: Facts) -> Iterator[tuple[str, FileFacts]]:
    """Yield the facts of the files that are the same on both sides, as is what they use."""
    before, after = revisions
    old, new = (cache(partial(content_digest, specs)) for specs in revisions)
    for (file, raw), facts in known.items():
        if raw == before.get(file) == after.get(file):
            place = project_file(file), facts.model
            if not facts.model or old(*place) == facts.used == new(*place):
                yield file, facts


def _subset(specs: Specs, near: Iterable[str], read: SpecReader, parsed: SpecMemory) -> dict[str, bytes]:
    """Return some spec files with those that they depend on, which mostly are in `parsed`."""
    files = {file: specs[file] for file in near if file in specs}
    read.read_each(files, parsed)
    entries = (read(file, raw).entry for file, raw in files.items())
    services = [entry for entry in entries if isinstance(entry, ServiceEntry)]
    models = [model_file(entry.project, entry.spec.model) for entry in services]
    others = [PLATFORM, *(project_file(entry.document.file) for entry in services), *models]
    more = {file: specs[file] for file in others if file in specs}
    read.read_each(more, parsed)
    return files | more

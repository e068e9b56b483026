"""What one process has read and resolved of a repository, for another state of the same specs.

A file with the same content is parsed once, and an instance that depends on the same files is resolved and completed
once. The fleet and its findings are those of a run without a memory.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from generator.fleet.resolve import resolve
from generator.pipeline.spec_memory import SpecReader
from generator.render.launch.complete import complete

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from generator.core.finding import Finding
    from generator.fleet.model import Fleet, ServiceInstance
    from generator.render.launch.template import LaunchRenderer
    from generator.spec.catalog import Catalog


@dataclass(slots=True)
class FleetMemory:
    """The catalog, what was read, and with `keeps_fleet` the last fleet: as it was before servers completed it, and
    its completed instances by the ids of those.
    """

    catalog: Catalog
    keeps_fleet: bool = True
    read: SpecReader = field(default_factory=SpecReader)
    last: Fleet | None = field(init=False, default=None)
    _completed: dict[int, ServiceInstance] = field(init=False, default_factory=dict)
    # The fleet whose instances have these ids: while it is there, no other instance gets one of them.
    _completed_of: Fleet | None = field(init=False, default=None)

    def resolve(self, specs: Mapping[str, bytes], unread: Iterable[str] = ()) -> tuple[Fleet | None, list[Finding]]:
        """Return what `resolve` returns for these specs."""
        self.read.read_all(specs)
        fleet, findings = resolve(specs, self.catalog, unread, read=self.read, earlier=self.last)
        if self.keeps_fleet:
            self.last = fleet
        return fleet, findings

    def complete(self, fleet: Fleet, launches: LaunchRenderer) -> tuple[Fleet, list[Finding]]:
        """Return what `complete` returns for a fleet with the instances of the last one, and the memory's catalog."""
        completed, unfit = complete(fleet, launches, self._completed)
        self.read.data.keep()
        if self.keeps_fleet:
            # A known instance adds no finding, so none is known if one of them has a finding.
            self._completed = {} if unfit else dict(_pairs(fleet, completed))
            self._completed_of = fleet
        return completed, unfit


def _pairs(raw: Fleet, completed: Fleet) -> Iterable[tuple[int, ServiceInstance]]:
    """Yield the completed instances with the ids of what they were."""
    for before, after in (
        (raw.bases, completed.bases),
        *((entries, completed.instances[name]) for name, entries in raw.instances.items()),
    ):
        yield from ((id(instance), after[key]) for key, instance in before.items())

"""What one process has read and resolved of a repository, for another state of the same specs.

A file with the same content is parsed once, and an instance that depends on the same files is resolved once. The fleet
and its findings are those of a run without a memory.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from generator.fleet.resolve import resolve
from generator.fleet.spec_file import read_spec_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from generator.core.finding import Finding
    from generator.fleet.model import Fleet
    from generator.fleet.spec_file import ReadFile
    from generator.spec.catalog import Catalog


@dataclass(slots=True)
class FleetMemory:
    """The catalog, what was read, and with `keeps_fleet` the last fleet, as it was before servers completed it."""

    catalog: Catalog
    keeps_fleet: bool = True
    read: ReadFile = field(default_factory=lambda: cache(read_spec_file))
    last: Fleet | None = field(init=False, default=None)

    def resolve(self, specs: Mapping[str, bytes], unread: Iterable[str] = ()) -> tuple[Fleet | None, list[Finding]]:
        """Return what `resolve` returns for these specs."""
        fleet, findings = resolve(specs, self.catalog, unread, read=self.read, earlier=self.last)
        if self.keeps_fleet:
            self.last = fleet
        return fleet, findings

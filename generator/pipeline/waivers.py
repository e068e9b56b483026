"""Waivers: findings that the owners of a file accept. The one place that applies them."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from generator.core.finding import Acceptance, Severity
from generator.fleet.waivers import documents_by_file, place_waivers

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from generator.core.finding import Finding
    from generator.core.yaml import Document
    from generator.fleet.load import Specs
    from generator.fleet.model import Fleet
    from generator.fleet.waivers import PlacedWaiver


class WaiverBook(Struct, frozen=True, dict=True):
    """The waivers of a fleet.

    `today` decides what has expired, None if nothing may depend on it. `base` are the specs of the base revision.
    """

    fleet: Fleet
    today: date | None = None
    base: Specs | None = None

    def apply(self, findings: Iterable[Finding]) -> list[Finding]:
        """Return the findings; those that a waiver in force accepts are waived."""
        if not self._in_force:
            return list(findings)
        return [finding if finding.accepted is not None else self._apply(finding) for finding in findings]

    def check(self, findings: Iterable[Finding]) -> list[Finding]:
        """Return the findings about the waivers; `findings` are all others, waived ones included."""
        if not self.waivers and self.base is None:
            return []
        from generator.checks.waivers import WaiverContext, check_waivers

        documents = self._documents
        context = WaiverContext(self.fleet, self.waivers, documents, list(findings), self.today, self.base)
        return check_waivers(context)

    @cached_property
    def waivers(self) -> list[PlacedWaiver]:
        """All waivers, expired and refused ones too."""
        return place_waivers(self.fleet)

    @cached_property
    def _documents(self) -> dict[str, Document]:
        return documents_by_file(self.fleet)

    @cached_property
    def _in_force(self) -> dict[str, list[PlacedWaiver]]:
        """The waivers that are neither refused nor expired, by the check."""
        from generator.checks.waivers.permission import refuse  # which a fleet without waivers does not need

        found: dict[str, list[PlacedWaiver]] = {}
        for placed in self.waivers:
            id = placed.waiver.check
            if not placed.is_over(self.today) and not refuse(id, is_platforms=placed.is_platforms):
                found.setdefault(id, []).append(placed)
        return found

    def _apply(self, finding: Finding) -> Finding:
        from generator.checks.waivers.permission import can_accept

        for placed in self._in_force.get(finding.id, ()):
            accepts = can_accept(finding, is_platforms=placed.is_platforms)
            if accepts and placed.covers(finding, self._documents):
                until = str(placed.waiver.until or "")
                accepted = Acceptance(placed.position, placed.waiver.reason, until, finding.severity)
                return replace(finding, severity=Severity.WAIVED, accepted=accepted)
        return finding

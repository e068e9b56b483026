"""A fleet with its routes and the findings of its checks."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from msgspec import Struct

from generator.core.finding import has_errors
from generator.pipeline.waivers import WaiverBook

if TYPE_CHECKING:
    from datetime import datetime

    from generator.core.finding import Finding
    from generator.fleet.model import Fleet
    from generator.fleet.routing import Routing


class Resolved(Struct, frozen=True):
    """A fleet with its routes, and every finding that needs no rendering.

    `ungranted` are those about what is not granted; if the fleet has no grants, one of `findings` stands for them.
    What `waivers` accept is waived in both.
    """

    fleet: Fleet
    routing: Routing
    findings: tuple[Finding, ...]
    ungranted: tuple[Finding, ...]
    waivers: WaiverBook

    @property
    def has_errors(self) -> bool:
        """Whether one of the findings is an error."""
        return has_errors(self.findings)


def add_findings(
    fleet: Fleet, routing: Routing, findings: tuple[tuple[Finding, ...], tuple[Finding, ...]], now: datetime
) -> Resolved:
    """Return a fleet whose findings are known, those about grants last. `now` decides which waivers are over."""
    return Resolved(fleet, routing, *findings, WaiverBook(fleet, now.astimezone(UTC).date()))

"""A fleet with its routes and the findings of its checks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from generator.core.finding import has_errors

if TYPE_CHECKING:
    from generator.core.finding import Finding
    from generator.fleet.model import Fleet
    from generator.fleet.routing import Routing
    from generator.pipeline.waivers import WaiverBook


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

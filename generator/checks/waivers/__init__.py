"""Checks of waivers, after all others: one module each, with `ID`, `SEVERITY` and `check(context)`.

The module's docstring is its manual page, with a snippet that passes and one that fails. A module is found
automatically if its name starts with an id.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

from generator.checks.family import import_checks
from generator.checks.waivers.permission import can_accept

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from generator.core.finding import Finding, Position, Severity
    from generator.core.yaml import Document
    from generator.fleet.load import Specs
    from generator.fleet.model import Fleet
    from generator.fleet.waivers import PlacedWaiver


class WaiverContext(Struct, frozen=True):
    """The fleet with its waivers and its spec files, the findings of all other checks, waived ones included, and the
    day.

    `today` is None if nothing may depend on it, `base` is None without a base revision.
    """

    fleet: Fleet
    waivers: Sequence[PlacedWaiver]
    documents: dict[str, Document]
    findings: Sequence[Finding]
    today: date | None
    base: Specs | None

    def in_use(self) -> set[Position]:
        """Return the places of the waivers that waive something."""
        return {finding.accepted.position for finding in self.findings if finding.accepted is not None}

    def unacceptable(self, placed: PlacedWaiver) -> list[Finding]:
        """Return the errors that a waiver is for but cannot accept."""
        return [
            finding
            for finding in self.findings
            if not can_accept(finding, is_platforms=placed.is_platforms) and placed.covers(finding, self.documents)
        ]


class WaiverCheck(Protocol):
    """The interface of a check of waivers. `SEVERITY` is the severity of its findings."""

    ID: str
    SEVERITY: Severity

    def check(self, context: WaiverContext, /) -> Iterator[Finding]:
        """Yield the findings."""


@cache
def waiver_checks() -> tuple[WaiverCheck, ...]:
    """Return the checks, which are imported with the first call."""
    return import_checks(__name__, __path__)


def check_waivers(context: WaiverContext) -> list[Finding]:
    """Return the findings of all checks of waivers."""
    return [finding for check in waiver_checks() for finding in check.check(context)]

"""The grants and waivers by which a change is judged, and the one finding about a platform file without grants."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from generator.core.finding import Finding, Position
from generator.spec.files import PLATFORM
from generator.spec.values.text import list_few

if TYPE_CHECKING:
    from collections.abc import Iterable

    from generator.core.finding import MissingGrant
    from generator.fleet.load import Specs
    from generator.fleet.model import Fleet

_ID: Final = "A13"


def judged_by(fleet: Fleet, trusted: Specs | None) -> Fleet:
    """Return the fleet with the grants and the platform's waivers of `trusted`, the specs of a trusted revision.

    Its own stay in force if `trusted` is None or has no platform file; and its own grants do if `trusted` has no grants
    at all: nobody decided anything there.
    """
    if trusted is None or trusted.platform is None:
        return fleet
    decided = trusted.platform[1]
    return replace(fleet, grants=fleet.grants if decided.grants is None else decided.grants, waivers=decided.waivers)


def missing_grants(findings: Iterable[Finding]) -> list[MissingGrant]:
    """Return each grant that would allow what a finding refuses, once and sorted; a waived finding needs none."""
    return sorted({finding.grant for finding in findings if finding.grant is not None and finding.accepted is None})


def summarize(fleet: Fleet, findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings; if the platform file has no grants, with one instead of all that a grant would allow."""
    kept = list(findings)
    if fleet.grants is not None:
        return kept
    missing = missing_grants(kept)
    others = [f for f in kept if (f.grant is None or f.accepted is not None) and f.id != _ID]
    return [*others, _summary(missing)] if missing else others


def _summary(missing: list[MissingGrant]) -> Finding:
    uses = [f"{grant.key} {grant.value} by {grant.project}" for grant in missing]
    message = f"found no `grants`, expected grants for what projects use: {list_few(uses)}"
    return Finding(_ID, message, Position(PLATFORM), "add the block that `servegen doctor --grants` prints")

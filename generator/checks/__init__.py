"""Rules for the fleet and for rendered objects, one file per rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.core.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.core.finding import Finding


def apply_supersedes(findings: Sequence[Finding]) -> list[Finding]:
    """Return the findings without those that are only consequences of another check's error.

    A check lists in `SUPERSEDES` the ids of findings that follow from its own. Such a finding is dropped when an error
    of the check has the same subject.
    """
    from generator.checks.fleet import SUPERSEDES

    explained = {
        (id, finding.subject)
        for finding in findings
        if finding.subject and finding.severity is Severity.ERROR
        for id in SUPERSEDES.get(finding.id, ())
    }
    return [finding for finding in findings if (finding.id, finding.subject) not in explained]

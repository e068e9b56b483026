"""Rules for the fleet and for rendered objects, one file per rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from generator.core.finding import Finding

# A patch of a field that does not exist is not refused for want of a grant too.
_OF_SCHEMAS: Final[Mapping[str, tuple[str, ...]]] = {"V01": ("A08",)}


def apply_supersedes(findings: Sequence[Finding]) -> list[Finding]:
    """Return the findings without those that are only consequences of another check's error.

    A check lists in `SUPERSEDES` the ids of findings that follow from its own. Such a finding is dropped when an error
    of the check has the same subject.
    """
    from generator.checks.fleet import SUPERSEDES

    consequences = {**SUPERSEDES, **_OF_SCHEMAS}
    explained = {
        (id, finding.subject)
        for finding in findings
        if finding.subject and finding.severity is Severity.ERROR
        for id in consequences.get(finding.id, ())
    }
    return [finding for finding in findings if (finding.id, finding.subject) not in explained]

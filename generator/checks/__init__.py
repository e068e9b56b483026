"""Rules for the fleet and for rendered objects, one file per rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Severity, subject_of_object

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from generator.core.finding import Finding

# A patch of a field that does not exist is not refused for want of a grant too.
_OF_SCHEMAS: Final[Mapping[str, tuple[str, ...]]] = {"V01": ("A08",)}


def apply_supersedes(findings: Sequence[Finding]) -> list[Finding]:
    """Return the findings without those that are only consequences of another check's error.

    A check lists in `SUPERSEDES` the ids of findings that follow from its own. Such a finding is dropped when an error
    of the check has the same subject. What is wrong with an object, and with no line of its file, is dropped if the
    file has another error.
    """
    from generator.checks.fleet import superseded_ids

    consequences = {**superseded_ids(), **_OF_SCHEMAS}
    explained = {
        (id, finding.subject)
        for finding in findings
        if finding.subject and finding.severity is Severity.ERROR
        for id in consequences.get(finding.id, ())
    }
    broken = {f.position.file for f in findings if f.severity is Severity.ERROR and not _is_unexplained(f)}
    return [
        finding
        for finding in findings
        if (finding.id, finding.subject) not in explained
        and not (finding.position.file in broken and _is_unexplained(finding))
    ]


def _is_unexplained(finding: Finding) -> bool:
    return bool(finding.subject) and finding.subject == subject_of_object(finding.position.file)

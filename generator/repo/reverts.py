"""Releases that Git's history has: a change that brings one back is a revert, and no release that lost its host."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from generator.checks.fleet.h02_release import ID, subject_of_release
from generator.repo.git.history import earlier_stanzas
from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.scalars import timestamp

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from generator.core.finding import Finding


def leave_out_reverts(root: Path, findings: Iterable[Finding], revision: str = "HEAD") -> list[Finding]:
    """Return the findings without those about releases that the history of `revision` has.

    A service that did not wait then, although it waited in the base revision, is a revert, too. Raises ToolError if git
    fails.
    """
    return [
        finding
        for finding in findings
        if not (finding.id == ID and finding.subject) or not _was_released(root, finding, revision)
    ]


def _was_released(root: Path, finding: Finding, revision: str) -> bool:
    contents = earlier_stanzas(root, finding.position.file, revision)
    return any(finding.subject in _subjects(stanzas) for _, stanzas in contents)


def _subjects(stanzas: dict[str, Any]) -> Iterator[str]:
    """Yield the subjects of the releases that take over by themselves."""
    for environment, stanza in stanzas.items():
        if isinstance(stanza, dict) and stanza.get("takeover") != "manual":
            try:
                yield subject_of_release(environment, timestamp(stanza.get("released")))
            except InvalidValueError:
                continue

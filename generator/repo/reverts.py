"""Releases that Git's history has: a change that brings one back is a revert, and no release that lost its host."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from generator.checks.fleet.h02_release import ID, subject_of_release
from generator.core.programs.git import Git
from generator.repo.git.completeness import shallow_note
from generator.repo.git.history import earlier_stanzas
from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.scalars import timestamp

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from generator.core.finding import Finding


def leave_out_reverts(root: Path, findings: Sequence[Finding], revision: str) -> list[Finding]:
    """Return the findings without those about releases that the history of `revision`, the base of a change, has.

    A service that did not wait then, although it waited in the base revision, is a revert, too. In a shallow clone, a
    finding that is left says what was not looked at. Raises ToolError if git fails.
    """
    about = [finding for finding in findings if finding.id == ID and finding.subject]
    left = {finding: _with_note(root, finding) for finding in about if not _was_released(root, finding, revision)}
    return [left.get(finding, finding) for finding in findings if finding not in about or finding in left]


def _with_note(root: Path, finding: Finding) -> Finding:
    return replace(finding, hint=f"{finding.hint}{shallow_note(Git(root))}")


def _was_released(root: Path, finding: Finding, revision: str) -> bool:
    contents = earlier_stanzas(root, finding.position.file, revision)
    return any(finding.subject in _subjects(stanzas) for _, stanzas in contents)


def _subjects(stanzas: dict[str, Any]) -> Iterator[str]:
    """Yield the subjects of the releases that take over by themselves."""
    for environment, stanza in stanzas.items():
        if isinstance(stanza, dict) and stanza.get("takeover") != "manual" and stanza.get("rollout") is None:
            try:
                yield subject_of_release(environment, timestamp(stanza.get("released")))
            except InvalidValueError:
                continue

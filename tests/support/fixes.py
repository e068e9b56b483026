"""Applies the fixes of findings as a reader does: writes what a hint says in place of what was found."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from generator.core.finding import Finding

Files = dict[str, bytes]


def fixed(files: Files, finding: Finding) -> Files | None:
    """Return the files with the finding's fix; None if it has none, or if its text is written otherwise there."""
    place = finding.position
    if finding.fix is None or place.file not in files:
        return None
    text = files[place.file].decode("utf-8-sig")
    start = sum(len(line) + 1 for line in text.split("\n")[: place.line - 1]) + place.column - 1
    better = finding.fix.apply(text, start)
    return None if better is None else {**files, place.file: better.encode()}


def wrong_fixes(
    files: Files, found: Sequence[Finding], judge: Callable[[Files], Sequence[Finding]]
) -> tuple[int, list[str]]:
    """Return the number of fixes of findings that could be applied, and what is wrong after them, by `judge`."""
    applied, wrong = 0, []
    for finding in found:
        better = fixed(files, finding)
        if better is not None:
            applied += 1
            left = left_over(finding, found, judge(better))
            wrong += [f"{finding.position} {finding.message}\n  hint: {finding.hint}\n  left: {text}" for text in left]
    return applied, wrong


def left_over(finding: Finding, before: Sequence[Finding], after: Sequence[Finding]) -> list[str]:
    """Return what is wrong after the fix of a finding: that it is still there, or findings that were not there."""
    known = {_known(other) for other in before if other is not finding}
    return [f"{other.position} {other.message} [{other.id}]" for other in after if _known(other) not in known]


def _known(finding: Finding) -> tuple[str, str, str]:
    """What a finding is known by: its column, and a line that the fix joins with another, may change."""
    return finding.id, finding.message, finding.position.file

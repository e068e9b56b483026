"""Findings for programs: a JSON list, one object per finding, in the same order as the text format."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from generator.report.manual_pages import documentation, page_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from generator.core.finding import Acceptance, Finding, Position


def report(findings: Sequence[Finding], sources: Mapping[str, bytes]) -> str:
    """Return `[{id, page, severity, message, hint, file, line, column, environments, also: [{file, line, column}]}]`.

    `page` is the address of the id's page, relative to the documentation if the platform file does not say where it is.
    A finding about something that is not granted also has `grant: {project, key, value}`. One whose hint is a text to
    write has `fix: {old, new}`: the first `old` from the position on is to be replaced by `new`.
    One of the severity `waived` has `waiver: {severity, reason, until, file, line, column}`, with the severity that it
    would have.
    """
    base = documentation(sources)
    return json.dumps([_problem(finding, base) for finding in findings], ensure_ascii=False, indent=2) + "\n"


def _problem(finding: Finding, base: str) -> dict[str, Any]:
    return {
        "id": finding.id,
        "page": page_of(finding.id, base),
        "severity": str(finding.severity),
        "message": finding.message,
        "hint": finding.hint,
        **_place(finding.position),
        "environments": list(finding.environments),
        "also": [_place(position) for position in finding.also],
        **({"fix": {"old": finding.fix.old, "new": finding.fix.new}} if finding.fix is not None else {}),
        **({"grant": finding.grant._asdict()} if finding.grant is not None else {}),
        **({"waiver": _waiver(finding.accepted)} if finding.accepted is not None else {}),
    }


def _waiver(accepted: Acceptance) -> dict[str, Any]:
    about = {"severity": str(accepted.severity), "reason": accepted.reason, "until": accepted.until or None}
    return about | _place(accepted.position)


def _place(position: Position) -> dict[str, Any]:
    return {"file": position.file, "line": position.line, "column": position.column}

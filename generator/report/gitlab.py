"""Findings as a Code Quality report of GitLab, which compares the reports of both sides of a merge request.

https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from generator.core.finding import Severity
from generator.report.fingerprint import fingerprints
from generator.report.manual_pages import documentation, page_of
from generator.report.wording import explain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from generator.core.finding import Finding

# GitLab's levels are info, minor, major, critical and blocker. An error stops the pipeline, a warning does not.
_SEVERITIES: Final = {Severity.ERROR: "blocker", Severity.WARNING: "minor", Severity.NOTE: "info"}


def report(findings: Sequence[Finding], sources: Mapping[str, bytes]) -> str:
    """Return a JSON list, one object per finding, in the same order as the text format."""
    base = documentation(sources)
    issues = [_issue(finding, name, base) for finding, name in zip(findings, fingerprints(findings), strict=True)]
    return json.dumps(issues, ensure_ascii=False, indent=2) + "\n"


def _issue(finding: Finding, fingerprint: str, base: str) -> dict[str, Any]:
    return {
        "description": explain(finding, page_of(finding.id, base) if base else ""),
        "check_name": finding.id,
        "fingerprint": fingerprint,
        "severity": _SEVERITIES[finding.severity],
        "location": {"path": finding.position.file, "lines": {"begin": finding.position.line}},
    }

"""Problems as a Code Quality report of GitLab, which compares the reports of both sides of a merge request.

https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from generator.core.finding import Severity
from generator.report.fingerprint import fingerprints
from generator.report.wording import explained

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from generator.core.finding import Problem

# Of info, minor, major, critical and blocker: an error stops the pipeline, a warning does not.
_SEVERITIES: Final = {Severity.ERROR: "blocker", Severity.WARNING: "minor"}


def report(problems: Sequence[Problem], sources: Mapping[str, bytes]) -> str:
    """A JSON list, one object per problem, in the same order as the text."""
    del sources  # GitLab shows the line itself
    issues = [_issue(problem, name) for problem, name in zip(problems, fingerprints(problems), strict=True)]
    return json.dumps(issues, ensure_ascii=False, indent=2) + "\n"


def _issue(problem: Problem, fingerprint: str) -> dict[str, Any]:
    return {
        "description": explained(problem),
        "check_name": problem.id,
        "fingerprint": fingerprint,
        "severity": _SEVERITIES[problem.severity],
        "location": {"path": problem.position.file, "lines": {"begin": problem.position.line}},
    }

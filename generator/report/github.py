"""Findings as workflow commands of GitHub Actions, which shows them at their lines in the pull request.

GitHub shows ten annotations of each severity for a step and silently drops the others; all stay in the step's log. So
errors come first, and a last notice reports how many are not shown. The additional positions of a finding are part of
its text: separate annotations would use up the ten, mostly in files that the pull request does not change.

https://docs.github.com/actions/reference/workflow-commands-for-github-actions
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Severity, errors_first
from generator.report.manual_pages import documentation, page_of
from generator.report.wording import explain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from generator.core.finding import Finding

_SHOWN: Final = 10
_COMMANDS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
_DATA: Final = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY: Final = _DATA | str.maketrans({":": "%3A", ",": "%2C"})


def report(findings: Sequence[Finding], sources: Mapping[str, bytes]) -> str:
    """Return one command per finding; without findings, a line for the log."""
    base = documentation(sources)
    if not findings:
        return "no findings\n"
    return "".join(
        f"{line}\n" for line in [*(_command(one, base) for one in errors_first(findings)), *_not_shown(findings)]
    )


def _command(finding: Finding, base: str) -> str:
    position = finding.position
    properties = {
        "file": position.file,
        "line": str(position.line),
        "col": str(position.column),
        "title": f"servegen {finding.id}",
    }
    listed = ",".join(f"{name}={value.translate(_PROPERTY)}" for name, value in properties.items())
    text = explain(finding, page_of(finding.id, base) if base else "")
    return f"::{_COMMANDS[finding.severity]} {listed}::{text.translate(_DATA)}"


def _not_shown(findings: Sequence[Finding]) -> list[str]:
    counts = {severity: sum(finding.severity is severity for finding in findings) - _SHOWN for severity in Severity}
    words = [f"{count} more {severity}{'s' if count > 1 else ''}" for severity, count in counts.items() if count > 0]
    if not words:
        return []
    more = " and ".join(words)
    return [f"::notice title=servegen::GitHub shows {_SHOWN} of each severity; the log of this step has {more}"]

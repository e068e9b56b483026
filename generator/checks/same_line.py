"""Which of two findings about one line is reported, if both are about one mistake."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from generator.core.finding import Finding

# The check whose finding says more, and those whose findings at the same line and in the same environment say less.
_SPEAKS_FOR: Final[Mapping[str, tuple[str, ...]]] = {
    "A08": ("A05",),  # a field that no patch may change, whatever it has
    "A12": ("A08", "O08"),  # an address that no grant of the field would allow; a type that lacks a field too
    "A15": ("M03", "O03"),  # egress to everywhere drops the rules before; a policy for other pods selects none of these
    "D04": ("A09",),  # a wave on the wrong side of the pods, whoever may set it
    "G04": ("O01",),  # a privileged container has also a field of one that is not
    "H01": ("H18",),  # rivals in two apps, whatever the paths of their URLs
    "H02": ("F17", "H17"),  # a service that does not get the host that it moves to, whatever it had or waits for
    "H04": ("H05",),  # a target that is none gets no share
    "M03": ("M04", "Q06"),  # a list that loses what it had, such as the capabilities that a container gives up
    "N06": ("A09",),  # a label of the selector cannot change, whoever may set it
    "N11": ("N03",),  # a name that is too long for groups of pods is too long for pods
    "O01": ("S07",),  # a strategy that the API server refuses has no gap
    "O02": ("C37", "S11"),  # a number that the API server refuses has no effect
    "O08": ("Q01",),  # a container without an image, most often for another name
    "Q01": ("M03", "M04"),  # a limit that the namespace asks for, whoever takes it away
    "Q06": ("M04",),
    "S11": ("M04",),  # a grace period that is too short for the longest request
    "S04": ("S21",),  # a metric that nothing makes is no load
    "W03": ("W01",),  # a waiver of what no waiver accepts waives nothing
}

# The severities of findings that may speak for one of a severity.
_SPEAKERS: Final[Mapping[Severity, tuple[Severity, ...]]] = {
    Severity.ERROR: (Severity.ERROR,),
    Severity.WARNING: (Severity.ERROR, Severity.WARNING),
    Severity.NOTE: (Severity.ERROR, Severity.WARNING, Severity.NOTE),
}


def drop_second_findings(findings: Sequence[Finding]) -> list[Finding]:
    """Return the findings without those that another check explains better at the same line.

    A warning speaks for no error. What is waived is kept, and speaks for nothing. A finding of all environments is
    explained by one of any environment.
    """
    spoken: set[tuple[object, ...]] = set()
    for finding in findings:
        for id in _SPEAKS_FOR.get(finding.id, ()):
            for environment in (*finding.environments, ""):
                spoken.add((id, finding.severity, *_line(finding), environment))
            if not finding.environments:
                spoken.add((id, finding.severity, *_line(finding)))
    return [finding for finding in findings if not _is_second(finding, spoken)]


def _is_second(finding: Finding, spoken: set[tuple[object, ...]]) -> bool:
    keys = [(finding.id, severity, *_line(finding)) for severity in _SPEAKERS.get(finding.severity, ())]
    return bool(keys) and all(
        any(key in spoken or (*key, where) in spoken for key in keys) for where in finding.environments or ("",)
    )


def _line(finding: Finding) -> tuple[str, int]:
    return finding.position.file, finding.position.line

"""What is wrong, where, and how to mend it: the value that every stage hands on instead of raising."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class Severity(StrEnum):
    """Only errors stop a command."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in a file that the user owns: relative to the repository, with `/`; line and column start at 1."""

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding.

    `id` is stable (people waive and search by it); `message` says what was found and what was expected;
    `also` names further places that take part, for example the other owner of a host; `environments` those in which
    it shows, where it does not show everywhere.
    """

    id: str
    message: str
    position: Position
    hint: str = ""
    severity: Severity = Severity.ERROR
    also: tuple[Position, ...] = ()
    environments: tuple[str, ...] = ()


def sort_findings(findings: Iterable[Finding]) -> list[Finding]:
    """Each problem once, with all its environments, by file, line and column, in whatever order they came."""
    found: dict[Finding, set[str]] = {}
    for finding in findings:
        found.setdefault(replace(finding, environments=()), set()).update(finding.environments)
    merged = [replace(finding, environments=tuple(sorted(names))) for finding, names in found.items()]
    return sorted(merged, key=lambda p: (p.position, p.id, p.message, p.hint, p.also))


def errors_first(findings: Iterable[Finding]) -> list[Finding]:
    """The most important first, for a reader that takes a limited number; otherwise in the order in which they come."""
    return sorted(findings, key=lambda finding: finding.severity is not Severity.ERROR)


def below(folder: str, finding: Finding) -> Finding:
    """The problem as it is told from outside a folder, which is empty or ends with a slash."""
    position, *also = (replace(place, file=folder + place.file) for place in (finding.position, *finding.also))
    return replace(finding, position=position, also=tuple(also))


def has_errors(findings: Iterable[Finding]) -> bool:
    """Whether a command must refuse to go on."""
    return any(p.severity is Severity.ERROR for p in findings)

"""Findings: what is wrong, where, and how to fix it. Every stage returns findings instead of raising an exception."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from generator.core.fix import Fix  # noqa: TC001  # decoding a finding reads its annotations

if TYPE_CHECKING:
    from collections.abc import Iterable


class Severity(StrEnum):
    """The severity of a finding; only errors stop a command. A note says what became of a value, without a mistake.

    A finding that its owners accept is waived.
    """

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"
    WAIVED = "waived"


class Position(Struct, frozen=True, order=True):
    """A position in a file that the user owns: relative to the repository, with `/`; line and column start at 1."""

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class MissingGrant(NamedTuple):
    """The entry of the platform file's `grants` that would allow what a finding refuses."""

    project: str
    key: str
    value: str


class Acceptance(NamedTuple):
    """The waiver of a finding: its place, its reason, its last day, and the severity that the finding had."""

    position: Position
    reason: str
    until: str
    severity: Severity


class Finding(Struct, frozen=True):
    """An error, a warning or a note about a user's file.

    `id` is stable: users search by it. `message` says what was found and what was expected. `also` contains further
    positions that are involved, for example the other owner of a host. `environments` are those in which the finding
    occurs, if it does not occur in all. `subject` says what the finding is about, so that a check can supersede
    findings about the same subject; it is not printed. Findings with one id, position and `cause` are one mistake that
    shows in several objects or environments. `fix` is what the hint says to write, if that is one text. `grant` is what
    the platform file would have to grant.
    `accepted` is the waiver of a finding that is waived.
    """

    id: str
    message: str
    position: Position
    hint: str = ""
    severity: Severity = Severity.ERROR
    also: tuple[Position, ...] = ()
    environments: tuple[str, ...] = ()
    subject: str = ""
    cause: str = ""
    fix: Fix | None = None
    grant: MissingGrant | None = None
    accepted: Acceptance | None = None

    def about(self, subject: str) -> Finding:
        """Return the same finding with a subject."""
        return replace(self, subject=subject)


def subject_of_line(position: Position) -> str:
    """Return the subject of findings about what one line of a patch does to an object."""
    return f"line {position.file}:{position.line}"


def subject_of_object(file: str) -> str:
    """Return the subject of findings about an object that no line of its spec file explains.

    They are dropped if the file has another error, since that may be the cause.
    """
    return f"objects {file}"


def subject_of_routes(file: str) -> str:
    """Return the subject of findings about the routes that a spec file requests."""
    return f"routes of {file}"


def subject_of_absence(service: str) -> str:
    """Return the subject of findings that are there because no such service is."""
    return f"no service {service}"


def subject_of_app(project: str, app: str) -> str:
    """Return the subject of findings about an app that a change removes."""
    return f"app {project}/{app}"


def subject_of_value(position: Position) -> str:
    """Return the subject of findings about the value at a position."""
    return f"value at {position}"


def subject_of_port(port: int, cluster: str) -> str:
    """Return the subject of findings about a port of a cluster that is claimed twice."""
    return f"port {port} of {cluster}"


def subject_of_files(*files: str) -> str:
    """Return the subject of findings about files that claim the same thing."""
    return " and ".join(sorted(files))


def sort_findings(findings: Iterable[Finding]) -> list[Finding]:
    """Return one finding for each mistake, with all its environments, sorted by file, line and column."""
    found: dict[Finding | tuple[object, ...], tuple[Finding, set[str]]] = {}
    for finding in sorted(findings, key=_order):
        alike = replace(finding, environments=()) if finding.environments else finding
        key = (finding.id, finding.position, finding.cause) if finding.cause else alike
        found.setdefault(key, (alike, set()))[1].update(finding.environments)
    return [
        replace(finding, environments=tuple(sorted(names))) if names else finding for finding, names in found.values()
    ]


def _order(finding: Finding) -> tuple[object, ...]:
    return finding.position, finding.id, finding.message, finding.hint, finding.also


def errors_first(findings: Iterable[Finding]) -> list[Finding]:
    """Return errors first and notes last, for a reader that takes a limited number; otherwise the order is kept."""
    return sorted(findings, key=lambda found: (found.severity is not Severity.ERROR, found.severity is Severity.NOTE))


def prefix_paths(folder: str, finding: Finding) -> Finding:
    """Return the finding with `folder` (empty or with a trailing slash) in front of the path of each position."""
    position, *also = (replace(place, file=folder + place.file) for place in (finding.position, *finding.also))
    return replace(finding, position=position, also=tuple(also))


def has_errors(findings: Iterable[Finding]) -> bool:
    """Return whether one of the findings is an error."""
    return any(finding.severity is Severity.ERROR for finding in findings)

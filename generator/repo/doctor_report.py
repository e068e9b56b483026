"""What `servegen doctor` finds, as facts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from generator.render.delivery.question import ClusterQuery
    from generator.repo.template_overrides import Override

Hook = Literal["active", "changed", "inactive", "none", "unknown"]


@dataclass(frozen=True, slots=True)
class ProgramStatus:
    """A program that we call. `version` is None where it is missing or does not run; `without` says what fails then."""

    name: str
    path: str | None
    version: str | None
    without: str


@dataclass(frozen=True, slots=True)
class DoctorReport:
    """All of it. `unasked` says why there are no questions, where the specs do not let us know the environments."""

    programs: list[ProgramStatus]
    hook: Hook
    templates: list[Override]
    questions: list[ClusterQuery]
    unasked: str = ""

"""The data of a `servegen doctor` report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from msgspec import Struct

if TYPE_CHECKING:
    from generator.render.delivery.cluster_query import ClusterQuery
    from generator.repo.cache.status import CacheStatus
    from generator.repo.template_overrides import Override

Hook = Literal["active", "changed", "inactive", "none", "unknown"]


class ProgramStatus(Struct, frozen=True):
    """A program that servegen calls.

    `version` is None if the program is missing or does not work; `problem` then says why, and `without` what does not
    work without it.
    """

    name: str
    path: str | None
    version: str | None
    problem: str
    without: str


class DoctorReport(Struct, frozen=True):
    """The whole report.

    `unasked` says why `questions` are missing or incomplete, and `activation` what makes git run the hook if it does
    not.
    """

    programs: list[ProgramStatus]
    hook: Hook
    templates: list[Override]
    questions: list[ClusterQuery]
    cache: CacheStatus
    unasked: str = ""
    activation: str = ""

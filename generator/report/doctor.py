"""The report of `servegen doctor` as text."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.repo.doctor_report import DoctorReport, Hook, ProgramStatus
    from generator.repo.template_overrides import Override, State

_HOOKS: Final[dict[Hook, str]] = {
    "active": "active: it checks each commit",
    "changed": "active, and not the one that `servegen init` writes now",
    "inactive": ".githooks/pre-commit is there and git does not run it: git config core.hooksPath .githooks",
    "none": "none: `servegen init .` adds .githooks/pre-commit, then: git config core.hooksPath .githooks",
    "unknown": "unknown: git has to be asked",
}
_TEMPLATES: Final[dict[State, str]] = {
    "same": "is the shipped file: delete it, and it follows ours",
    "current": "replaces the shipped file, which is as it was",
    "stale": "went stale: the shipped file has changed since; bring the change over, then write at its top",
    "unmarked": "replaces the shipped file; to be told here when ours changes, compare the two, then write at its top",
    "new": "is new beside the shipped files",
    "unread": "is read by nobody",
}


def text(found: DoctorReport) -> str:
    """Return the report with one section per subject."""
    return "\n".join(
        [
            "Programs",
            *(f"  {_program(entry)}" for entry in found.programs),
            "Hook for commits",
            f"  {_HOOKS[found.hook]}",
            "Own templates",
            *(f"  {line}" for entry in found.templates for line in _template(entry)),
            *([] if found.templates else ["  none"]),
            *_questions(found),
        ]
    )


def _program(entry: ProgramStatus) -> str:
    if entry.version is None:
        return f"{entry.name}: {'does not run' if entry.path else 'missing'}, so {entry.without}"
    return f"{entry.name}: {entry.version}, {entry.path}"


def _template(entry: Override) -> Iterator[str]:
    hint = f"; {entry.hint}" if entry.hint else ""
    yield f"templates/{entry.name} {_TEMPLATES[entry.state]}{':' if entry.mark else ''}{hint}"
    if entry.mark:
        yield f"  {entry.mark}"


def _questions(found: DoctorReport) -> Iterator[str]:
    if found.unasked:
        yield "What to ask the clusters"
        yield f"  {found.unasked}"
    for environment, questions in groupby(found.questions, key=lambda question: question.environment):
        yield f"What to ask the clusters about {environment}; each command lists nothing when all is well"
        for question in questions:
            yield f"  {question.about} ({question.where}):"
            yield f"    {question.command}"

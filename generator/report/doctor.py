"""The report of `servegen doctor` as text."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.repo.cache.status import CacheStatus
    from generator.repo.doctor_report import DoctorReport, Hook, ProgramStatus
    from generator.repo.template_overrides import Override, State

_HOOKS: Final[dict[Hook, str]] = {
    "active": "active: it checks each commit",
    "changed": "active, but differs from the hook that `servegen init` writes now",
    "inactive": ".githooks/pre-commit exists, but git does not run it",
    "none": "none: run `servegen init .` for .githooks/pre-commit, then git config core.hooksPath .githooks",
    "unknown": "unknown: git does not run",
}
_TEMPLATES: Final[dict[State, str]] = {
    "same": "is the same as the shipped file: delete it to use later versions of that",
    "current": "replaces the shipped file, which has not changed",
    "stale": "is out of date: the shipped file has changed; merge the change, then write at the top",
    "unmarked": "replaces the shipped file; to detect changes of that, compare the two, then write at the top",
    "new": "is an additional file",
    "unread": "is not used",
}


def text(found: DoctorReport) -> str:
    """Return the report with one section per subject."""
    return "\n".join(
        [
            "Programs",
            *(f"  {_program(entry)}" for entry in found.programs),
            "Commit hook",
            f"  {_HOOKS[found.hook]}{f'; {found.activation}' if found.activation else ''}",
            "Own templates",
            *(f"  {line}" for entry in found.templates for line in _template(entry)),
            *([] if found.templates else ["  none"]),
            "Results of earlier runs",
            f"  {_cache(found.cache)}",
            *_questions(found),
        ]
    )


def _program(entry: ProgramStatus) -> str:
    if entry.version is None:
        return f"{entry.name}: {entry.problem}, so {entry.without}"
    return f"{entry.name}: {entry.version}, {entry.path}"


def _template(entry: Override) -> Iterator[str]:
    hint = f"; {entry.hint}" if entry.hint else ""
    yield f"templates/{entry.name} {_TEMPLATES[entry.state]}{':' if entry.mark else ''}{hint}"
    if entry.mark:
        yield f"  {entry.mark}"


def _cache(found: CacheStatus) -> str:
    if found.problem:
        return f"not used: {found.problem}"
    return f"{describe_size(found)} in {found.folder}; `servegen doctor --clear-cache` deletes them"


def describe_size(found: CacheStatus) -> str:
    """Return the number of files of the cache, and their size."""
    return f"{found.files} {'file' if found.files == 1 else 'files'}, {found.bytes / 10**6:.1f} MB,"


def _questions(found: DoctorReport) -> Iterator[str]:
    if found.unasked:
        yield "Queries for the clusters"
        yield f"  {found.unasked}"
    for environment, questions in groupby(found.questions, key=lambda question: question.environment):
        of = f" of {environment}" if environment else ""
        yield f"Queries for the clusters{of}; each command prints nothing if all is well"
        for question in questions:
            yield f"  {question.about} ({question.where}):"
            yield f"    {question.command}"

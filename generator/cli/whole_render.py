"""A render that plans the whole fleet; `servegen render` does without one if nothing has changed since the last."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from generator.cli.common import progress, refusals_as, show
from generator.core.errors import ErrorsFoundError
from generator.core.finding import has_errors, sort_findings
from generator.pipeline.validity import valid_until
from generator.repo import worktree
from generator.repo.cache.unchanged import Said, remember
from generator.repo.repository import Repository
from generator.repo.worktree import find_local_changes, out_of_date_findings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from generator.core.finding import Finding
    from generator.pipeline.plan import Plan
    from generator.repo.worktree import Changes


class WholeRender(Struct, frozen=True):
    """The rendered files (path -> text), how rendered/ differs from them, and their numbers in a sentence."""

    files: Mapping[str, str]
    changes: Changes
    numbers: str


def render(root: Path, folder: str, output: str, *, check: bool, force: bool) -> WholeRender:
    """Plan the repository and print the findings; write nothing. Raises ErrorsFoundError if one is an error."""
    repository = Repository.open(root)
    with refusals_as(output, folder), progress() as report_progress:
        plan = repository.plan_worktree(progress=report_progress)
    changes = worktree.compare(root, plan.files)
    findings = [*plan.findings, *_about_the_tree(root, plan, changes, check=check, force=force, output=output)]
    show(sort_findings(findings), repository.specs, output, folder)
    if has_errors(plan.findings) or (has_errors(findings) and not check):
        raise ErrorsFoundError("")
    rendered = WholeRender(plan.files, changes, _numbers(plan))
    if not changes:
        remember(root, Said(rendered.numbers, plan.findings), repository.now, valid_until(plan.routing, repository.now))
    return rendered


def _about_the_tree(
    root: Path, plan: Plan, changes: Changes, *, check: bool, force: bool, output: str
) -> list[Finding]:
    """Return findings about rendered/: files that cannot be written or, with --check, that it is out of date.

    The latter is for machine-readable formats; with text output, the error message of --check lists the files instead.
    """
    if not changes or plan.has_errors:
        return []
    if check:
        return out_of_date_findings(changes) if output != "text" else []
    return [] if force else find_local_changes(root, plan.files, changes)


def _numbers(plan: Plan) -> str:
    services = _counted(len(plan.fleet.services), "service")
    environments = _counted(len(plan.fleet.environments), "environment")
    return f"{services} in {environments}: {plan.objects} objects, {len(plan.files)} files"


def _counted(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"

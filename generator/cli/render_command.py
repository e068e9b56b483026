"""The `servegen render` command."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import click

from generator.cli.common import command as new_command
from generator.cli.common import no_cache_option, output_option, progress, refusals_as, show
from generator.cli.dry_run import DRY_RUN, dry_run_option
from generator.cli.locked import lock_repository
from generator.cli.terminal import echo
from generator.core.errors import ErrorsFoundError, OutOfDateError
from generator.core.finding import has_errors, sort_findings
from generator.repo import worktree
from generator.repo.git.checkout import prefix
from generator.repo.repository import Repository
from generator.repo.worktree import find_local_changes, out_of_date_findings

if TYPE_CHECKING:
    from pathlib import Path

    from generator.cli.main import Invocation
    from generator.core.finding import Finding
    from generator.pipeline.plan import Plan
    from generator.repo.worktree import Changes


@new_command("render")
@click.option("--check", is_flag=True, help="Write nothing; exit 4 if rendered/ differs from what the specs render.")
@click.option("--force", is_flag=True, help="Overwrite and delete files with manual changes that are not in Git.")
@dry_run_option
@output_option
@no_cache_option
@click.pass_obj
def command(invocation: Invocation, *, check: bool, force: bool, dry_run: bool, output: str) -> None:
    """Write rendered/ from the specs.

    Everything is resolved, checked and validated first; if there is an error, no file is changed.

    \b
    Examples:
      servegen render
      servegen render --check --output github   what CI runs
    """
    reads = check or dry_run
    root = worktree.find_root(invocation.folder) if reads else lock_repository(invocation.folder)
    start = time.monotonic()
    repository, folder = Repository.open(root), prefix(root)
    with refusals_as(output, folder), progress() as report_progress:
        plan = repository.plan_worktree(progress=report_progress)
    changes = worktree.compare(root, plan.files)
    findings = [*plan.findings, *_about_the_tree(root, plan, changes, check=check, force=force, output=output)]
    show(sort_findings(findings), repository.specs, output, folder)
    if has_errors(plan.findings) or (has_errors(findings) and not check):
        raise ErrorsFoundError("")
    if check:
        _up_to_date(changes)
    elif not dry_run:
        worktree.write(root, plan.files, changes)
    if output == "text":
        for line in (*_listed(changes), DRY_RUN) if dry_run else ():
            echo(line)
        echo(_summary(plan, changes, time.monotonic() - start))


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


def _up_to_date(changes: Changes) -> None:
    if lines := _listed(changes):
        raise OutOfDateError("rendered/ is out of date\n" + "\n".join(lines), hint="run `servegen render` and commit")


def _listed(changes: Changes) -> list[str]:
    """Return a line for each change, or for the first 20 of them."""
    lines = [
        *(f"  would create  {name}" for name in changes.created),
        *(f"  would update  {name}" for name in changes.updated),
        *(f"  would delete  {name}" for name in changes.deleted),
    ]
    return [*lines[:20], f"  … and {len(lines) - 20} more"] if len(lines) > 20 else lines


def _summary(plan: Plan, changes: Changes, seconds: float) -> str:
    services = _counted(len(plan.fleet.services), "service")
    environments = _counted(len(plan.fleet.environments), "environment")
    counts = f"{len(changes.created)} created, {len(changes.updated)} updated, {len(changes.deleted)} deleted"
    return (
        f"{services} in {environments}: {plan.objects} objects, {len(plan.files)} files ({counts}) in {seconds:.2f} s"
    )


def _counted(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"

"""`servegen render`"""

from __future__ import annotations

import time
from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from generator.cli.common import command as new_command
from generator.cli.common import output_option, planned, show, stop_on_errors
from generator.core.errors import ErrorsFoundError, OutOfDateError
from generator.core.finding import has_errors, sort_findings

if TYPE_CHECKING:
    from pathlib import Path

    from generator.cli.main import Invocation
    from generator.pipeline.plan import Plan
    from generator.repo.worktree import Changes


@new_command("render")
@click.option("--check", is_flag=True, help="Write nothing; exit 4 when rendered/ is not what the specs give.")
@click.option("--force", is_flag=True, help="Overwrite and delete files that were changed by hand and are not in Git.")
@output_option
@click.pass_obj
def command(invocation: Invocation, *, check: bool, force: bool, output: str) -> None:
    """Write rendered/ from the specs.

    Everything is resolved, checked and validated first; when anything is wrong, no file is touched.

    \b
    Examples:
      servegen render
      servegen render --check --output github   what CI runs
    """
    from generator.repo import worktree
    from generator.repo.lock import exclusive

    root = worktree.find_root(invocation.folder)
    with nullcontext() if check else exclusive(root):
        _render(root, check=check, force=force, output=output)


def _render(root: Path, *, check: bool, force: bool, output: str) -> None:
    from generator.repo import worktree
    from generator.repo.git.checkout import prefix

    start = time.monotonic()
    plan, sources = planned(root)
    changes = worktree.compare(root, plan.files) if plan.fleet is not None else worktree.Changes((), (), ())
    if changes and not check and not force and not has_errors(plan.findings):
        plan.findings = sort_findings([*plan.findings, *worktree.locally_modified(root, plan.files, changes)])
    shown = _with_outdated(plan, changes) if check and output != "text" else plan
    show(shown, sources, output, prefix(root))
    stop_on_errors(plan)
    if check:
        _up_to_date(changes)
    else:
        worktree.write(root, plan.files, changes)
    if output == "text":
        click.echo(_summary(plan, changes, time.monotonic() - start))


def _with_outdated(plan: Plan, changes: Changes) -> Plan:
    """Programs read an old tree among the findings; people read it, file by file, in what ends the run."""
    from generator.repo.worktree import out_of_date_findings

    if has_errors(plan.findings):
        return plan
    return replace(plan, findings=sort_findings([*plan.findings, *out_of_date_findings(changes)]))


def _up_to_date(changes: Changes) -> None:
    lines = [
        *(f"  would create  {name}" for name in changes.created),
        *(f"  would update  {name}" for name in changes.updated),
        *(f"  would delete  {name}" for name in changes.deleted),
    ]
    if lines:
        shown = [*lines[:20], f"  … and {len(lines) - 20} more"] if len(lines) > 20 else lines
        raise OutOfDateError("rendered/ is out of date\n" + "\n".join(shown), hint="run `servegen render` and commit")


def _summary(plan: Plan, changes: Changes, seconds: float) -> str:
    if plan.fleet is None:
        raise ErrorsFoundError("")
    services = _counted(len(plan.fleet.services), "service")
    environments = _counted(len(plan.fleet.environments), "environment")
    counts = f"{len(changes.created)} created, {len(changes.updated)} updated, {len(changes.deleted)} deleted"
    return (
        f"{services} in {environments}: {plan.objects} objects, {len(plan.files)} files ({counts}) in {seconds:.2f} s"
    )


def _counted(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"

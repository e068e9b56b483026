"""The `servegen render` command."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from generator.cli.common import command as new_command
from generator.cli.common import no_cache_option, output_option, show
from generator.cli.dry_run import DRY_RUN, dry_run_option
from generator.cli.locked import lock_repository
from generator.cli.terminal import echo
from generator.core.errors import OutOfDateError
from generator.repo import worktree
from generator.repo.cache.unchanged import recall
from generator.repo.git.checkout import prefix
from generator.repo.spec_files import read_spec_files

if TYPE_CHECKING:
    from pathlib import Path

    from generator.cli.main import Invocation
    from generator.repo.cache.unchanged import Said
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
    start, folder = time.monotonic(), prefix(root)
    if (said := recall(root, datetime.now(UTC))) is not None:
        _repeat(root, said, output, folder)
        changes, numbers = worktree.Changes((), (), ()), said.numbers
    else:
        from generator.cli.whole_render import render

        rendered = render(root, folder, output, check=check, force=force)
        changes, numbers = rendered.changes, rendered.numbers
        rendered.finish(writes=not reads)
        if check:
            _up_to_date(changes)
    if output == "text":
        for line in (*_listed(changes), DRY_RUN) if dry_run else ():
            echo(line)
        echo(_summary(numbers, changes, time.monotonic() - start))


def _repeat(root: Path, said: Said, output: str, folder: str) -> None:
    """Print the findings of the last run, with the lines of the specs that they are about."""
    show(said.findings, read_spec_files(root).contents if said.findings else {}, output, folder)


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


def _summary(numbers: str, changes: Changes, seconds: float) -> str:
    counts = f"{len(changes.created)} created, {len(changes.updated)} updated, {len(changes.deleted)} deleted"
    return f"{numbers} ({counts}) in {seconds:.2f} s"

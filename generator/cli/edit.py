"""An edit of specs by a command: what follows from it is printed first, checks may refuse it, then it is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from generator.cli.common import show
from generator.repo.edits import prepare_edit
from generator.repo.lock import exclusive
from generator.repo.repository import Repository
from generator.repo.worktree import find_root

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from generator.repo.edits import Edit


dry_run_option = click.option("--dry-run", is_flag=True, help="Print what would change, and write nothing.")


def lock_repository(folder: Path) -> Path:
    """The repository that holds `folder`, with its lock held until the command ends: reading and writing are one step.

    Raises ToolError when another run writes it.
    """
    root = find_root(folder)
    click.get_current_context().with_resource(exclusive(root))
    return root


def open_repository(folder: Path, *, dry_run: bool = False) -> Repository:
    """The repository that holds `folder`, locked unless nothing will be written.

    Raises RefusedError where its specs give no fleet at all.
    """
    repository = Repository.open(folder if dry_run else lock_repository(folder))
    _ = repository.resolved
    return repository


def announce(repository: Repository, files: Mapping[str, bytes | None], reported: Sequence[str]) -> Edit:
    """Print what is edited and what follows from it.

    Raises RefusedError where the edit brings errors.
    """
    edit = prepare_edit(repository, files).require_no_errors()
    show(edit.findings, edit.after.specs)
    for line in (*reported, *(edit.consequences() or ["no running service changes"])):
        click.echo(line)
    return edit


def write(edit: Edit, *, dry_run: bool) -> None:
    """Write the files, unless this is a dry run. Raises ToolError when one of them changed in the meantime."""
    if dry_run:
        click.echo("dry run: nothing was written")
        return
    edit.write()
    click.echo("next: servegen render")

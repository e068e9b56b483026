"""Edits of specs by commands: print the consequences, check the result, then write the files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.cli.common import show
from generator.cli.dry_run import DRY_RUN
from generator.cli.effects import edit_effects
from generator.cli.locked import lock_repository
from generator.cli.terminal import echo
from generator.repo.edits import prepare_edit
from generator.repo.repository import Repository

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from generator.repo.edits import Edit


def open_repository(folder: Path, *, dry_run: bool = False) -> Repository:
    """Return the repository that holds `folder`, locked unless this is a dry run.

    Raises RefusedError if its specs give no fleet at all, or are for another version of servegen.
    """
    repository = Repository.open(folder if dry_run else lock_repository(folder)).with_memory()
    _ = repository.fleet
    return repository


def announce(repository: Repository, files: Mapping[str, bytes | None], reported: Sequence[str]) -> Edit:
    """Print the edited files, the consequences of the edit, and what it does to the objects of each environment.

    Raises RefusedError if the edit causes errors.
    """
    edit = prepare_edit(repository, files).require_no_errors()
    show(edit.findings, edit.after.specs)
    found = [*edit.consequences(), *edit_effects(edit)]
    for line in (*reported, *(found or ["no running service changes"])):
        echo(line)
    return edit


def write(edit: Edit, *, dry_run: bool) -> None:
    """Write the files, unless this is a dry run. Raises ToolError if one of them has changed in the meantime."""
    if dry_run:
        echo(DRY_RUN)
        return
    edit.write()
    echo("next: servegen render")

"""An edit of specs by a command: what follows from it is printed first, checks may refuse it, then it is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from generator.cli.common import show
from generator.core.errors import ErrorsFoundError, RefusedError
from generator.core.finding import has_errors
from generator.fleet.diff import consequences
from generator.repo.lock import exclusive
from generator.repo.repository import Repository
from generator.repo.worktree import delete_specs, find_root, write_specs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


dry_run_option = click.option("--dry-run", is_flag=True, help="Say what would happen, and write nothing.")


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


def announce(repository: Repository, files: Mapping[str, bytes | None], reported: Sequence[str]) -> None:
    """Print what is edited and what follows from it. Ends the run where the edit brings errors."""
    after = refuse_new_errors(repository, files)
    for line in reported:
        click.echo(line)
    changes = list(consequences((repository.fleet, repository.routing), (after.fleet, after.routing)))
    for sentence in changes or ["nothing that runs changes by this"]:
        click.echo(sentence)


def write(repository: Repository, files: Mapping[str, bytes | None], *, dry_run: bool) -> None:
    """Write and delete the files, unless this is a dry run. Raises ToolError when a file changed in the meantime."""
    if dry_run:
        click.echo("dry run: nothing is written")
        return
    specs = repository.specs
    texts = {file: text for file, text in files.items() if text is not None}
    write_specs(repository.root, texts, {file: specs[file] for file in texts if file in specs})
    delete_specs(repository.root, {file: specs[file] for file, text in files.items() if text is None})
    click.echo("next: servegen render")


def refuse_new_errors(repository: Repository, files: Mapping[str, bytes | None]) -> Repository:
    """The repository after the edit, which is not written.

    Prints what the edit brings: findings that are new, and those of the edited files. An error ends the run.
    """
    after = repository.with_edits(files)
    try:
        found = after.resolved.findings
    except RefusedError as refused:
        found = refused.findings
    known = {(finding.id, finding.message, finding.position.file) for finding in repository.resolved.findings}
    findings = [
        finding
        for finding in found
        if (finding.id, finding.message, finding.position.file) not in known or finding.position.file in files
    ]
    show(findings, after.specs)
    if has_errors(findings):
        raise ErrorsFoundError("nothing was written", hint="these are the specs as they would be after the edit")
    return after

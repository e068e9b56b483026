"""An edit of specs by a command: what follows from it is said first, checks may refuse it, then it is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from generator.cli.common import loader, show, stop_on_errors
from generator.core.errors import ErrorsFoundError
from generator.core.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from generator.core.finding import Finding
    from generator.fleet.model import Fleet
    from generator.fleet.routing import Routing
    from generator.pipeline.plan import Plan

dry_run_option = click.option("--dry-run", is_flag=True, help="Say what would happen, and write nothing.")


@dataclass(frozen=True, slots=True)
class Workspace:
    """The specs of a repository as they were read, the time of the run, and the fleet that they give."""

    root: Path
    specs: dict[str, bytes]
    now: datetime
    findings: tuple[Finding, ...]
    fleet: Fleet
    routing: Routing

    def resolved(self, files: Mapping[str, bytes | None]) -> Plan:
        """The fleet with these files in place of those that are there; None: the file is gone."""
        from generator.pipeline.plan import resolved

        return resolved(self.edited(files), loader(self.root), now=self.now)

    def edited(self, files: Mapping[str, bytes | None]) -> dict[str, bytes]:
        """All specs as they are after the edit."""
        return {file: text for file, text in {**self.specs, **files}.items() if text is not None}


def lock_repository(folder: Path) -> Path:
    """The repository that holds `folder`, with its lock held until the command ends: reading and writing are one step.

    Raises ToolError when another run writes it.
    """
    from generator.repo.lock import exclusive
    from generator.repo.worktree import find_root

    root = find_root(folder)
    click.get_current_context().with_resource(exclusive(root))
    return root


def workspace(folder: Path, *, dry_run: bool = False) -> Workspace:
    """The repository that holds `folder`, locked unless nothing will be written.

    Ends the run where its specs give no fleet at all.
    """
    from datetime import UTC, datetime

    from generator.pipeline.plan import resolved
    from generator.repo import worktree

    root = worktree.find_root(folder) if dry_run else lock_repository(folder)
    specs = worktree.read_specs(root)
    now = datetime.now(UTC).replace(microsecond=0)
    plan = resolved(specs, loader(root), now=now)
    if plan.fleet is None or plan.routing is None:
        show(plan, specs, "text")
        stop_on_errors(plan)
    assert plan.fleet is not None
    assert plan.routing is not None
    return Workspace(root, specs, now, tuple(plan.findings), plan.fleet, plan.routing)


def announce(workspace: Workspace, files: Mapping[str, bytes | None], said: Sequence[str]) -> None:
    """Print what is edited and what follows from it. Ends the run where the edit brings errors."""
    from generator.fleet.diff import consequences

    after = workspace.resolved(files)
    refuse(workspace, files, after)
    if after.fleet is None or after.routing is None:
        raise ErrorsFoundError("")
    for line in said:
        click.echo(line)
    changes = list(consequences((workspace.fleet, workspace.routing), (after.fleet, after.routing)))
    for sentence in changes or ["nothing that runs changes by this"]:
        click.echo(sentence)


def write(workspace: Workspace, files: Mapping[str, bytes | None], *, dry_run: bool) -> None:
    """Write and delete the files, unless this is a dry run. Raises ToolError when a file changed in the meantime."""
    from generator.repo.worktree import delete_specs, write_specs

    if dry_run:
        click.echo("dry run: nothing is written")
        return
    texts = {file: text for file, text in files.items() if text is not None}
    write_specs(workspace.root, texts, {file: workspace.specs[file] for file in texts if file in workspace.specs})
    delete_specs(workspace.root, {file: workspace.specs[file] for file, text in files.items() if text is None})
    click.echo("next: servegen render")


def refuse(workspace: Workspace, files: Mapping[str, bytes | None], after: Plan) -> None:
    """Show the problems that are new, and end the run when one of them, or one of the edited files', is an error."""
    from generator.report import FORMATS

    known = {(finding.id, finding.message, finding.position.file) for finding in workspace.findings}
    findings = [
        finding
        for finding in after.findings
        if (finding.id, finding.message, finding.position.file) not in known or finding.position.file in files
    ]
    click.echo(FORMATS["text"](findings, workspace.edited(files)), nl=False, err=True)
    if any(finding.severity is Severity.ERROR for finding in findings):
        raise ErrorsFoundError("nothing was written", hint="these are the specs as they would be after the edit")

"""The `servegen list` command."""

from __future__ import annotations

import json
import shutil
import sys
from typing import TYPE_CHECKING

import click

from generator.cli.common import command as new_command
from generator.cli.common import show_and_stop
from generator.cli.terminal import echo
from generator.core.errors import UsageError
from generator.repo.repository import Repository
from generator.report import listing, waiver_listing
from generator.report.table import table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.cli.main import Invocation
    from generator.core.finding import Finding
    from generator.report.listing import Row


def _width() -> int | None:
    """Return the columns of the terminal, to which the table of models is cut; None if the output is no terminal."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


@new_command("list")
@click.argument("what", type=click.Choice(["services", "models", "waivers"]))
@click.option("--project", help="Only this project.")
@click.option("--model", help="Only this model.")
@click.option(
    "--output", type=click.Choice(["text", "json"]), default="text", show_default=True, help="json has all fields."
)
@click.pass_obj
def command(invocation: Invocation, *, what: str, project: str | None, model: str | None, output: str) -> None:
    """List the services with their hosts and states, the models with their versions, or the waivers with their uses.

    \b
    Examples:
      servegen list services --project vision
      servegen list models --output json
      servegen list waivers
    """
    if what == "waivers" and model is not None:
        raise UsageError("--model has no effect on waivers", hint="remove --model")
    repository = Repository.open(invocation.folder)
    if what == "services":
        rows = listing.service_rows(repository.fleet, repository.routing, project=project, model=model)
        text = table(listing.SERVICE_HEADS, [listing.service_cells(row) for row in rows])
        findings: Sequence[Finding] = repository.resolved.findings
    elif what == "models":
        rows = listing.model_rows(repository.fleet, project=project, model=model)
        text = table(listing.MODEL_HEADS, [listing.model_cells(row) for row in rows], width=_width())
        findings = repository.resolved.findings
    else:
        rows, findings = _waivers(repository, project)
        text = table(waiver_listing.HEADS, [waiver_listing.waiver_cells(row) for row in rows], width=_width())
    if not rows and (project or model):
        text = f"nothing found for the {'project' if project else 'model'} {project or model}"
    echo(json.dumps(rows, ensure_ascii=False, indent=2) if output == "json" else text)
    show_and_stop(findings, repository.specs)


def _waivers(repository: Repository, project: str | None) -> tuple[list[Row], Sequence[Finding]]:
    """Return the waivers, and the findings of all checks but those of schemas, which nothing can waive."""
    plan = repository.plan_worktree(validate=lambda minor, manifests: [])  # noqa: ARG005  # the names of its type
    return waiver_listing.waiver_rows(plan, repository.specs, project=project), plan.findings

"""The `servegen list` command."""

from __future__ import annotations

import json
import shutil
import sys
from typing import TYPE_CHECKING

import click

from generator.cli import completion
from generator.cli.common import command as new_command
from generator.cli.common import show_and_stop
from generator.cli.terminal import echo
from generator.core.errors import UsageError
from generator.fleet.lookup import find_environment
from generator.repo.repository import Repository
from generator.report import listing
from generator.report.listing import Selection
from generator.report.table import table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from generator.cli.main import Invocation
    from generator.core.finding import Finding


def _width() -> int | None:
    """Return the columns of the terminal, to which the table of models is cut; None if the output is no terminal."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


@new_command("list")
@click.argument("what", type=click.Choice(["services", "models", "waivers"]))
@click.option("--project", shell_complete=completion.projects, help="Only this project.")
@click.option("--model", shell_complete=completion.models, help="Only this model.")
@click.option("-e", "--environment", shell_complete=completion.environments, help="Only this environment.")
@click.option(
    "--output",
    type=click.Choice(["text", "wide", "json"]),
    default="text",
    show_default=True,
    help="wide has more columns and is not cut to the terminal; json has all fields.",
)
@click.pass_obj
def command(
    invocation: Invocation, *, what: str, project: str | None, model: str | None, environment: str | None, output: str
) -> None:
    """List the services with their hosts and states, the models with their versions, or the waivers with their uses.

    \b
    Examples:
      servegen list services --project vision --environment prod --output wide
      servegen list models --output json
      servegen list waivers
    """
    repository = Repository.open(invocation.folder)
    if environment is not None:
        find_environment(repository.fleet, environment)
    selected = Selection(project, model, environment)
    heads: Sequence[str]
    findings: Sequence[Finding]
    if what == "services":
        rows = listing.service_rows(repository.fleet, repository.routing, selected)
        heads = listing.WIDE_SERVICE_HEADS if output == "wide" else listing.SERVICE_HEADS
        cells, findings = [listing.service_cells(row) for row in rows], repository.resolved.findings
    elif what == "models":
        rows = listing.model_rows(repository.fleet, selected)
        heads = listing.WIDE_MODEL_HEADS if output == "wide" else listing.MODEL_HEADS
        cells, findings = [listing.model_cells(row) for row in rows], repository.resolved.findings
    else:
        _refuse_for_waivers(selected)
        from generator.report import waiver_listing

        # All findings but those of schemas, which nothing can waive.
        plan = repository.plan_worktree(validate=lambda minor, manifests: [])  # noqa: ARG005  # the names of its type
        rows, findings = waiver_listing.waiver_rows(plan, repository.specs, project=project), plan.findings
        heads, cells = waiver_listing.HEADS, [waiver_listing.waiver_cells(row) for row in rows]
    echo(json.dumps(rows, ensure_ascii=False, indent=2) if output == "json" else _text(heads, cells, selected, output))
    show_and_stop(findings, repository.specs)


def _text(heads: Sequence[str], cells: Sequence[Sequence[str]], selected: Selection, output: str) -> str:
    if not cells and (words := _words(selected)):
        return f"nothing found for {words}"
    return table(heads, [line[: len(heads)] for line in cells], width=None if output == "wide" else _width())


def _words(selected: Selection) -> str:
    named = {"project": selected.project, "model": selected.model, "environment": selected.environment}
    return " and ".join(f"the {kind} {name}" for kind, name in named.items() if name is not None)


def _refuse_for_waivers(selected: Selection) -> None:
    """Raise UsageError for options without an effect on the list of waivers."""
    for option, value in (("--model", selected.model), ("--environment", selected.environment)):
        if value is not None:
            raise UsageError(f"{option} has no effect on waivers", hint=f"remove {option}")

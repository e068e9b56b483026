"""The `servegen capacity` command."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from generator.cli import completion
from generator.cli.common import command as new_command
from generator.cli.common import show_and_stop
from generator.cli.terminal import echo
from generator.core.errors import ErrorsFoundError
from generator.core.finding import Severity
from generator.fleet.capacity.forecast import Answer
from generator.fleet.lookup import find_environment
from generator.repo.repository import Repository
from generator.report import capacity
from generator.report.capacity_chart import chart
from generator.report.table import table

if TYPE_CHECKING:
    from generator.cli.main import Invocation
    from generator.fleet.capacity.plan import ClusterPlan
    from generator.pipeline.plan import Plan


@new_command("capacity")
@click.argument("environment", required=False, shell_complete=completion.environments)
@click.option(
    "--output",
    type=click.Choice(["text", "json", "svg"]),
    default="text",
    show_default=True,
    help="json has all fields; svg is a picture.",
)
@click.pass_obj
def command(invocation: Invocation, *, environment: str | None, output: str) -> None:
    """Plan the pods on the node pools of each cluster, or of the cluster of ENVIRONMENT.

    All environments of a cluster are counted, since one scheduler places their pods. The pools are `pools` of the
    cluster in the platform file; without them the answer is "unknown". Exits with 1 if the pods that always run do not
    fit.

    \b
    Examples:
      servegen capacity
      servegen capacity prod --output json
      servegen capacity prod --output svg > capacity.svg
    """
    repository = Repository.open(invocation.folder)
    chosen = find_environment(repository.fleet, environment) if environment is not None else None
    plan = repository.plan_worktree(validate=lambda minor, manifests: [])  # noqa: ARG005  # the names of its type
    plans = _plans(plan, chosen)
    known = [one for one in plans.values() if one is not None]
    if output == "json":
        echo(json.dumps(capacity.rows(plans), ensure_ascii=False, indent=2))
    elif output == "svg":
        echo(chart(known), nl=False)
    else:
        lines = [table(capacity.HEADS, capacity.cells(known)), ""] if known else []
        echo("\n".join([*lines, *capacity.sentences(plans)]))
    show_and_stop([one for one in plan.findings if one.severity is Severity.ERROR], repository.specs)
    if any(one.answer is Answer.DOES_NOT_FIT for one in known):
        raise ErrorsFoundError("")


def _plans(plan: Plan, environment: str | None) -> dict[str, ClusterPlan | None]:
    """Return the plan of each cluster that an environment is on, or of one environment; None without pools."""
    contexts = plan.fleet.contexts
    chosen = [environment] if environment is not None else list(plan.fleet.instances)
    known = {one.cluster: one for one in plan.capacity}
    return {contexts[name].cluster: known.get(contexts[name].cluster) for name in chosen}

"""The `servegen advance` command."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Final

import click

from generator.cli.common import command as new_command
from generator.cli.common import pushed_branch, show
from generator.cli.dry_run import dry_run_option
from generator.cli.locked import lock_repository
from generator.cli.terminal import echo
from generator.core.errors import ErrorsFoundError, ToolError, UsageError
from generator.core.secrets import hide_secrets
from generator.fleet.rollouts import Action
from generator.repo.advance import Advance, needs_attention, refusals
from generator.repo.prometheus import TOKEN, PrometheusClient
from generator.repo.repository import Repository
from generator.repo.worktree import find_root

if TYPE_CHECKING:
    from pathlib import Path

    from generator.cli.main import Invocation
    from generator.repo.advance import RolloutOutcome

# What a rollout does, and what it would do.
_WORDS: Final = {
    Action.STEP: ("gets {share} % of {host}", "would get {share} % of {host}"),
    Action.TAKE_OVER: ("takes over {host}", "would take over {host}"),
    Action.STOP: ("gives {host} back to {owner}", "would give {host} back to {owner}"),
    Action.WAIT: ("stays at {share} % of {host}",) * 2,
    Action.STAND_STILL: ("stands still at {share} % of {host}",) * 2,
}


@new_command("advance")
@click.option("--push", is_flag=True, help="Begin with the remote's branch, and push each commit.")
@click.option("--branch", help="The branch of the remote for --push.  [default: the checked-out branch]")
@click.option(
    "--prometheus",
    "addresses",
    multiple=True,
    metavar="CLUSTER=URL",
    help="The address to ask instead of the one in the platform file; may be repeated.",
)
@click.option(
    "--output", type=click.Choice(["text", "json"]), default="text", show_default=True, help="The output format."
)
@dry_run_option
@click.pass_obj
def command(
    invocation: Invocation,
    *,
    push: bool,
    branch: str | None,
    addresses: tuple[str, ...],
    output: str,
    dry_run: bool,
) -> None:
    """Make the next step of each rollout that is due, as a commit. Meant to be run by CI on a schedule.

    A step is due when the commit of the one before is as old as `rollout` says. The last step gives the service the
    host. If the condition `while` does not hold, the owner gets all requests back, and the rollout does not begin again
    by itself. Without an answer of Prometheus nothing changes, and the command fails with exit code 3. Several runs at
    a time make each step once. The token for Prometheus, if it needs one, is in SERVEGEN_PROMETHEUS_TOKEN.

    \b
    Examples:
      servegen advance --push
      servegen advance --dry-run --prometheus main=https://prometheus.example.com
    """
    branch = pushed_branch(branch, push=push)
    if dry_run and push:
        raise UsageError("--dry-run and --push contradict each other", hint="remove one of them")
    root = find_root(invocation.folder) if dry_run else lock_repository(invocation.folder)
    client = PrometheusClient(os.environ.get(TOKEN, ""))
    run = Advance(root, client.ask, push, branch, _given(root, addresses))
    outcomes = run.plan() if dry_run else run.run()
    if output == "json":
        echo(json.dumps([_row(outcome) for outcome in outcomes], ensure_ascii=False, indent=2))
    else:
        echo("\n".join(_line(outcome, dry_run=dry_run) for outcome in outcomes) or "no service has a rollout")
    _fail(outcomes)


def _given(root: Path, options: tuple[str, ...]) -> dict[str, str]:
    """Return the addresses by cluster. Raises UsageError for an unknown cluster."""
    clusters = Repository.open(root).fleet.platform.clusters if options else {}
    found = {}
    for option in options:
        cluster, _, address = option.partition("=")
        if cluster not in clusters:
            hint = f"for example {next(iter(clusters))}=https://prometheus.example.com"
            raise UsageError(f"--prometheus: found {option}, expected a cluster and an address", hint=hint)
        found[cluster] = address
    return found


def _line(outcome: RolloutOutcome, *, dry_run: bool) -> str:
    canary, decision = outcome.canary, outcome.decision
    name = f"{canary.instance.service.name} in {canary.environment}"
    what = _WORDS[decision.action][dry_run or outcome.error is not None].format(
        share=decision.share, host=canary.address, owner=canary.owner.service.name
    )
    made = f" (commit {outcome.commit[:9]})" if outcome.commit is not None else ""
    failed = f"\n  failed: {hide_secrets(str(outcome.error))}" if outcome.error is not None else ""
    return f"{name} {what}: {hide_secrets(decision.reason)}{made}{failed}"


def _row(outcome: RolloutOutcome) -> dict[str, object]:
    canary, decision = outcome.canary, outcome.decision
    return {
        "environment": canary.environment,
        "project": canary.instance.service.project,
        "app": canary.instance.service.app,
        "service": canary.instance.service.name,
        "owner": canary.owner.service.name,
        "host": canary.address,
        "action": decision.action.value,
        "share_before": canary.share,
        "share": decision.share if outcome.error is None else canary.share,
        "reason": hide_secrets(decision.reason),
        "commit": outcome.commit,
        "error": hide_secrets(str(outcome.error)) if outcome.error is not None else None,
    }


def _fail(outcomes: list[RolloutOutcome]) -> None:
    """Raise an error if a rollout stands still and a user has to know why."""
    refused = refusals(outcomes)
    for error in refused:
        show(error.findings, error.sources)
    if refused:
        raise ErrorsFoundError("")
    count = sum(map(needs_attention, outcomes))
    if count:
        raise ToolError(f"{count} of {len(outcomes)} rollouts cannot go on: see above")

"""The `servegen canary` command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from generator.cli import completion
from generator.cli.common import command as new_command
from generator.cli.dry_run import dry_run_option
from generator.cli.edit import announce, open_repository, write
from generator.cli.terminal import echo
from generator.core.errors import UsageError
from generator.edit import canary as edit
from generator.edit.release import stamp, winning_stamp
from generator.fleet.canaries import find_canary
from generator.fleet.lookup import find_environment, find_service
from generator.spec.values.invalid_value import InvalidValueError
from generator.spec.values.text import whole_number

if TYPE_CHECKING:
    from generator.cli.main import Invocation
    from generator.fleet.canaries import Canary
    from generator.repo.repository import Repository

    Files = dict[str, bytes]

_ABORTED: Final = "by servegen canary --abort"


@new_command("canary")
@click.argument("service", shell_complete=completion.services)
@click.argument("environment", shell_complete=completion.environments)
@click.option("--weight", metavar="PERCENT", help="The share of the requests that it gets: 1 to 99.")
@click.option("--promote", is_flag=True, help="Give it the host: the other service loses it.")
@click.option("--abort", is_flag=True, help="Give all requests back to the owner of the host.")
@dry_run_option
@click.pass_obj
def command(
    invocation: Invocation,
    *,
    service: str,
    environment: str,
    weight: str | None,
    promote: bool,
    abort: bool,
    dry_run: bool,
) -> None:
    """Give a service a share of the requests for its host, which another service owns.

    SERVICE is the new version: its name, or project/app/name. It must run beside the owner, with a readiness probe, and
    name the same host. The share is written as `split` into the owner's spec. --promote makes SERVICE the owner, by a
    new release stamp, and removes the split; --abort only removes it, and SERVICE keeps running if it is the newer
    release. A second run changes nothing.

    \b
    Examples:
      servegen deploy detector-2 prod --manual
      servegen canary detector-2 prod --weight 10
      servegen canary detector-2 prod --promote
    """
    if (weight is not None) + promote + abort != 1:
        raise UsageError("found none or several of --weight, --promote and --abort", hint="use one of them")
    percent = _percent(weight) if weight is not None else 0
    repository = open_repository(invocation.folder, dry_run=dry_run)
    entry = find_service(repository.fleet, service)
    canary = find_canary(repository.fleet, repository.routing, entry, find_environment(repository.fleet, environment))
    files, summary = _promote(repository, canary) if promote else _share(repository, canary, percent)
    if all(repository.specs[file] == text for file, text in files.items()):
        echo(f"{_now(canary)}: nothing changes")
        return
    write(announce(repository, files, [summary]), dry_run=dry_run)


def _percent(weight: str) -> int:
    try:
        return whole_number(weight.strip().removesuffix("%"), 1, 99, "a whole percentage from 1 to 99")
    except InvalidValueError as mistake:
        hint = mistake.hint or "--abort takes the requests back, --promote gives all of them"
        raise UsageError(f"--weight: {mistake}", hint=hint) from None


def _now(canary: Canary) -> str:
    name = canary.instance.service.name
    share = f"{canary.share} %" if canary.share else "none"
    return f"{name} gets {share} of the requests for {canary.address} in {canary.environment}"


def _share(repository: Repository, canary: Canary, percent: int) -> tuple[Files, str]:
    """Return the specs with this share, 0 for none, and a line about them."""
    instance, owner = canary.instance, canary.owner.service
    if percent:
        _require_no_rollout(canary)
        _require_probe(canary)
        files = edit.give_share(repository.specs, canary, percent)
        return files, f"{owner.document.file}: {percent} % of {canary.address} to {instance.service.name}"
    back = f"all requests for {canary.address} to {owner.name}"
    if instance.rollout is None or instance.rollout_stopped is not None:
        return edit.take_share(repository.specs, canary), f"{owner.document.file}: {back}"
    reason = f"{stamp(repository.now)} at {canary.share}%: {_ABORTED}"
    line = f"{instance.service.document.file}: its rollout ends, {back}"
    return edit.stop_rollout(repository.specs, canary, reason), line


def _promote(repository: Repository, canary: Canary) -> tuple[Files, str]:
    """Return the specs with the canary as the owner, and a line about them. Raises UsageError if it has no share."""
    name, environment = canary.instance.service.name, canary.environment
    if not canary.share:
        first = f"canary {name} {environment} --weight 10" if canary.instance.rollout is None else "advance"
        hint = f"`servegen {first}` gives it a share"
        raise UsageError(f"{_now(canary)}: there is no canary to promote", hint=hint)
    moment = winning_stamp(repository.routing, canary.instance.service, environment, repository.now)
    file = canary.instance.service.document.file
    line = f"{file}: released in {environment} at {stamp(moment)}"
    return edit.hand_over(repository.specs, canary, moment), line


def _require_no_rollout(canary: Canary) -> None:
    """Raise UsageError if the shares of the canary follow a rollout."""
    if canary.instance.rollout is not None:
        where = canary.instance.in_environment("rollout")
        hint = "remove `rollout` there to give shares by hand; --promote and --abort end it"
        raise UsageError(f"{where}: the rollout of {canary.instance.service.name} decides its share", hint=hint)


def _require_probe(canary: Canary) -> None:
    """Raise UsageError if requests could come to a pod of the canary that cannot answer yet."""
    instance = canary.instance
    if instance.settings.health is not None and instance.rules.probes:
        return
    why = "write `health` in its spec" if instance.rules.probes else f"{canary.environment} has no probes"
    message = f"{instance.service.name} has no readiness probe in {canary.environment}"
    raise UsageError(message, hint=f"its pods would get requests before they can answer: {why}")

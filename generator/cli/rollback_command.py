"""`servegen rollback`"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from generator.cli.common import command as new_command
from generator.cli.edit import announce, dry_run_option, workspace, write
from generator.errors import UsageError

if TYPE_CHECKING:
    from generator.cli.edit import Workspace
    from generator.cli.main import Invocation
    from generator.fleet import Deployed
    from generator.traffic import Rivals


@new_command("rollback")
@click.argument("host")
@click.argument("environment")
@click.option("--to", metavar="SERVICE", help="The service that gets the host.  [default: the one released before]")
@dry_run_option
@click.pass_obj
def command(invocation: Invocation, *, host: str, environment: str, to: str | None, dry_run: bool) -> None:
    """Give a host back to the service that had it before, by a new stamp; a second rollback undoes the first.

    HOST is the host, with or without the environment's prefix, or the name of the service that owns it. The one that
    loses it leaves the environment when the other's pods are ready; its spec keeps its stamp.

    \b
    Examples:
      servegen rollback detector.example.com prod
      servegen rollback detector-2026111 prod --to detector-2026101
    """
    from generator import lifecycle
    from generator.cli import names

    work = workspace(invocation.folder, dry_run=dry_run)
    rivals = _rivals(work, host, names.environment(work.fleet, environment))
    chosen = _chosen(rivals, to).service
    moment = lifecycle.winning(work.traffic, chosen, environment, work.now)
    file = chosen.document.file
    text = lifecycle.taking_over(lifecycle.released(work.specs, chosen, environment, moment), chosen, environment)
    announce(work, {file: text}, [f"{file}: released in {environment} at {lifecycle.stamp(moment)}"])
    write(work, {file: text}, dry_run=dry_run)


def _rivals(work: Workspace, host: str, environment: str) -> Rivals:
    """The services that name the host. Raises UsageError when nobody does."""
    from generator.spec.values.text import closest

    wanted = host.rstrip(".").lower()
    prefix = work.fleet.places[environment].rules.prefix or ""
    entries = work.traffic.rivals[environment]
    for rivals in entries:
        owner = rivals.owner.service if rivals.owner is not None else None
        if rivals.host in (wanted, f"{prefix}{wanted}") or (owner and host in (owner.name, "/".join(owner.key))):
            return rivals
    hosts = [rivals.host for rivals in entries]
    hint = closest(wanted, hosts) or f"`servegen hosts` and `servegen list services` print what {environment} has"
    raise UsageError(f"nobody has the host {host} in {environment}, nor is it a service that owns one", hint=hint)


def _chosen(rivals: Rivals, to: str | None) -> Deployed:
    """The rival that gets the host. Raises UsageError when there is none to choose."""
    owner = rivals.owner
    if owner is None:
        hint = "`servegen validate` says why; `servegen deploy` gives the host to the one that shall have it"
        raise UsageError(f"the specs do not tell who owns {rivals.host}", hint=hint)
    others = [rival for rival in rivals.services if rival is not owner]
    if not others:
        file = owner.service.document.file
        hint = f"`git log -p -- {file}` shows what its spec said before, `git revert COMMIT` brings that back"
        raise UsageError(f"{owner.service.name} is the only service that names {rivals.host}", hint=hint)
    if to is None:
        return others[0]
    named = [rival for rival in others if to in (rival.service.name, "/".join(rival.service.key))]
    if not named:
        hint = f"these can: {', '.join(rival.service.name for rival in others)}"
        raise UsageError(f"{to} cannot get the host {rivals.host} back", hint=hint)
    return named[0]

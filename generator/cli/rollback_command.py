"""The `servegen rollback` command."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from generator.cli import completion
from generator.cli.common import command as new_command
from generator.cli.dry_run import dry_run_option
from generator.cli.edit import announce, open_repository, write
from generator.cli.terminal import echo
from generator.edit import release
from generator.fleet.lookup import find_environment
from generator.render.delivery_names import application_name
from generator.repo.rollback import choose, find_claims

if TYPE_CHECKING:
    from generator.cli.main import Invocation
    from generator.fleet.routes import HostClaims
    from generator.repo.repository import Repository


@new_command("rollback")
@click.argument("host", shell_complete=completion.hosts)
@click.argument("environment", shell_complete=completion.environments)
@click.option(
    "--to",
    metavar="SERVICE",
    shell_complete=completion.services,
    help="The service that gets the host.  [default: the one released before]",
)
@dry_run_option
@click.pass_obj
def command(invocation: Invocation, *, host: str, environment: str, to: str | None, dry_run: bool) -> None:
    """Give a host back to its previous service by a new release stamp; a second rollback undoes the first.

    HOST is the host, with or without the environment's prefix, or the name of the service that owns it. The service
    that loses the host is removed from the environment when the pods of the other one are ready; its spec keeps its
    stamp. An undeployed service of the app is deployed again with its last settings for the environment in Git's
    history.

    \b
    Examples:
      servegen rollback detector.example.com prod
      servegen rollback detector-2026111 prod --to detector-2026101
    """
    repository = open_repository(invocation.folder, dry_run=dry_run)
    claims = find_claims(repository, host, find_environment(repository.fleet, environment))
    chosen = choose(repository, claims, to)
    file = chosen.service.document.file
    specs = {**repository.specs, file: chosen.text}
    moment = release.winning_stamp(chosen.routing, chosen.service, environment, repository.now)
    text = release.release(specs, chosen.service, environment, moment)
    text = release.take_over(text, chosen.service, environment)
    summary = f"{file}: released in {environment} at {release.stamp(moment)}"
    edit = announce(
        repository,
        {file: text},
        [f"{summary}, with the settings from before it was removed" if chosen.had_left else summary],
    )
    _way_out(repository, claims, environment)
    write(edit, dry_run=dry_run)


def _way_out(repository: Repository, claims: HostClaims, environment: str) -> None:
    """Print how to end an Argo CD sync that still waits for pods of the service that loses the host."""
    if claims.owner is not None and repository.fleet.contexts[environment].tool == "argocd":
        owner = claims.owner.service
        name = application_name(owner.project, owner.app, environment)
        echo(f"if Argo CD waits for pods of {owner.name}: argocd --core app terminate-op {name}")

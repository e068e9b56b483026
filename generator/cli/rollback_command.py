"""`servegen rollback`"""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

import click

from generator.cli import names
from generator.cli.candidates import candidates, manual_candidates
from generator.cli.common import command as new_command
from generator.cli.edit import announce, dry_run_option, open_repository, write
from generator.core.errors import UsageError
from generator.edit import release as lifecycle
from generator.render.delivery.names import application_name
from generator.spec.values.text import closest

if TYPE_CHECKING:
    from generator.cli.candidates import Candidate
    from generator.cli.main import Invocation
    from generator.fleet.model import ServiceEntry
    from generator.fleet.routing import HostClaims
    from generator.repo.repository import Repository


@new_command("rollback")
@click.argument("host")
@click.argument("environment")
@click.option("--to", metavar="SERVICE", help="The service that gets the host.  [default: the one released before]")
@dry_run_option
@click.pass_obj
def command(invocation: Invocation, *, host: str, environment: str, to: str | None, dry_run: bool) -> None:
    """Give a host back to the service that had it before, by a new stamp; a second rollback undoes the first.

    HOST is the host, with or without the environment's prefix, or the name of the service that owns it. The one that
    loses it leaves the environment when the other's pods are ready; its spec keeps its stamp. A service of the app that
    was undeployed comes back with the stanza that Git's history has of it.

    \b
    Examples:
      servegen rollback detector.example.com prod
      servegen rollback detector-2026111 prod --to detector-2026101
    """
    repository = open_repository(invocation.folder, dry_run=dry_run)
    claims = _rivals(repository, host, names.environment(repository.fleet, environment))
    chosen = _chosen(repository, claims, to)
    file = chosen.service.document.file
    specs = {**repository.specs, file: chosen.text}
    moment = lifecycle.winning_stamp(chosen.routing, chosen.service, environment, repository.now)
    text = lifecycle.release(specs, chosen.service, environment, moment)
    text = lifecycle.take_over(text, chosen.service, environment)
    said = f"{file}: released in {environment} at {lifecycle.stamp(moment)}"
    announce(repository, {file: text}, [f"{said}, as it was before it left" if chosen.had_left else said])
    _way_out(repository, claims, environment)
    write(repository, {file: text}, dry_run=dry_run)


def _way_out(repository: Repository, claims: HostClaims, environment: str) -> None:
    """Say what to do about the sync that still waits for the pods of the one that loses the host."""
    if claims.owner is not None and repository.fleet.contexts[environment].tool == "argocd":
        owner = claims.owner.service
        name = application_name(owner.project, owner.app, environment)
        click.echo(f"if Argo CD waits for pods of {owner.name}: argocd --core app terminate-op {name}")


def _rivals(repository: Repository, host: str, environment: str) -> HostClaims:
    """The services that name the host. Raises UsageError when nobody does."""
    wanted = host.rstrip(".").lower()
    prefix = repository.fleet.contexts[environment].rules.prefix or ""
    entries = repository.routing.claims[environment]
    for claims in entries:
        owner = claims.owner.service if claims.owner is not None else None
        if claims.host in (wanted, f"{prefix}{wanted}") or (owner and host in (owner.name, "/".join(owner.key))):
            return claims
    hosts = [claims.host for claims in entries]
    hint = closest(wanted, hosts) or f"`servegen hosts` and `servegen list services` print what {environment} has"
    raise UsageError(f"nobody has the host {host} in {environment}, nor is it a service that owns one", hint=hint)


def _chosen(repository: Repository, claims: HostClaims, to: str | None) -> Candidate:
    """The one released before the owner, or that of the name `to`. Raises UsageError when there is none to choose."""
    if claims.owner is None:
        hint = "`servegen validate` says why; `servegen deploy` gives the host to the one that shall have it"
        raise UsageError(f"the specs do not tell who owns {claims.host}", hint=hint)
    owner = claims.owner.service
    before = candidates(repository, claims)
    if to is None:
        return next(before, None) or _nobody(owner, claims.host)
    others = [*manual_candidates(repository, claims), *before]
    named = [other for other in others if to in (other.service.name, "/".join(other.service.key))]
    if not named:
        names = ", ".join(other.service.name for other in others)
        raise UsageError(f"{to} cannot get the host {claims.host} back", hint=f"these can: {names or 'none'}")
    return named[0]


def _nobody(owner: ServiceEntry, host: str) -> NoReturn:
    file = owner.document.file
    hint = f"`git log -p -- {file}` shows what its spec said before, `git revert COMMIT` brings that back"
    raise UsageError(f"no service had {host} before {owner.name}", hint=hint)

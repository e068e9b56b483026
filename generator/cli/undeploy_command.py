"""The `servegen undeploy` command."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from generator.cli import completion
from generator.cli.common import command as new_command
from generator.cli.dry_run import dry_run_option
from generator.cli.edit import announce, open_repository, write
from generator.core.errors import UsageError
from generator.edit import release
from generator.fleet.lookup import find_environment, find_service

if TYPE_CHECKING:
    from generator.cli.main import Invocation
    from generator.fleet.model import ServiceEntry


@new_command("undeploy")
@click.argument("service", shell_complete=completion.services)
@click.argument("environment", shell_complete=completion.environments)
@dry_run_option
@click.pass_obj
def command(invocation: Invocation, *, service: str, environment: str, dry_run: bool) -> None:
    """Remove a service from an environment. If several services name its host, the previous owner gets it back.

    SERVICE is its name, or project/app/name. Its key for the environment becomes null, so that the environment's folder
    is kept and Argo CD or Flux delete the service. If another service of the app keeps the folder, the key is removed,
    except in an environment of stage test, where the null records that the service was tested.

    \b
    Example:
      servegen undeploy resnet50-202208012 prod
    """
    repository = open_repository(invocation.folder, dry_run=dry_run)
    entry = find_service(repository.fleet, service)
    _deployed(entry, find_environment(repository.fleet, environment))
    file = entry.document.file
    text, null = release.withdraw(repository.specs, repository.fleet, entry, environment)
    summary = (
        f"{environment}: null, which records that the service was deployed there"
        if null
        else f"{environment} is removed"
    )
    edit = announce(repository, {file: text}, [f"{file}: {summary}", *_lost(entry, environment)])
    write(edit, dry_run=dry_run)


def _deployed(entry: ServiceEntry, environment: str) -> None:
    if entry.spec.environments.get(environment) is None:
        where = [name for name, release in entry.spec.environments.items() if release is not None]
        hint = f"it is deployed in {', '.join(where)}" if where else "it is deployed in no environment"
        raise UsageError(f"{entry.name} is not deployed in {environment}", hint=hint)


def _lost(entry: ServiceEntry, environment: str) -> list[str]:
    """Return a line about the settings that only the deleted stanza contains."""
    release = entry.spec.environments[environment]
    keys = sorted(release.written - {"released"}) if release is not None else []
    return [f"its settings for {environment} are deleted: {', '.join(keys)}"] if keys else []

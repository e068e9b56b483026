"""The `servegen deploy` command."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from generator.cli import completion
from generator.cli.common import command as new_command
from generator.cli.dry_run import dry_run_option
from generator.cli.edit import announce, open_repository, write
from generator.edit import release
from generator.fleet.lookup import find_environment, find_service
from generator.repo.tested_first import require_test

if TYPE_CHECKING:
    from generator.cli.main import Invocation


@new_command("deploy")
@click.argument("service", shell_complete=completion.services)
@click.argument("environment", shell_complete=completion.environments)
@click.option("--manual", is_flag=True, help="Run it beside the owner of its host until it is deployed again.")
@dry_run_option
@click.pass_obj
def command(invocation: Invocation, *, service: str, environment: str, manual: bool, dry_run: bool) -> None:
    """Deploy a service to an environment: write the current time as its release stamp, so that it gets its host.

    SERVICE is its name, or project/app/name. The consequences are printed first: which service loses a host, and which
    one is removed from the environment. An environment of stage prod only accepts a service that is or was in one of
    stage test, unless the platform file says otherwise. With `rollout` in its spec, the service starts beside the owner
    and gets the requests in steps.

    \b
    Examples:
      servegen deploy resnet50-202208014 test
      servegen deploy resnet50-202208014 prod --dry-run
      servegen deploy resnet50-202208014 prod --manual     beside the owner; without it later, to take the host
    """
    repository = open_repository(invocation.folder, dry_run=dry_run)
    entry = find_service(repository.fleet, service)
    find_environment(repository.fleet, environment)
    require_test(repository, entry, environment)
    file = entry.document.file
    moment = repository.now
    taken = release.defer_takeover if manual else release.begin_takeover
    text = taken(release.release(repository.specs, entry, environment, moment), entry, environment)
    routing = repository.with_edits({file: text}).routing
    moment = release.winning_stamp(routing, entry, environment, repository.now)
    text = taken(release.release(repository.specs, entry, environment, moment), entry, environment)
    edit = announce(repository, {file: text}, [f"{file}: released in {environment} at {release.stamp(moment)}"])
    write(edit, dry_run=dry_run)

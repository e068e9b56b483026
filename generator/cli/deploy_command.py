"""`servegen deploy`"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from generator.cli import names
from generator.cli.common import command as new_command
from generator.cli.edit import announce, dry_run_option, open_repository, write
from generator.core.errors import UsageError
from generator.edit import release as lifecycle
from generator.fleet.promotion import has_been_in_test, requires_test, trial_environments
from generator.repo.git.history import earlier_stanzas

if TYPE_CHECKING:
    from generator.cli.main import Invocation
    from generator.fleet.model import ServiceEntry
    from generator.repo.repository import Repository


@new_command("deploy")
@click.argument("service")
@click.argument("environment")
@click.option("--manual", is_flag=True, help="Let it run beside the owner of its host until it is deployed again.")
@dry_run_option
@click.pass_obj
def command(invocation: Invocation, *, service: str, environment: str, manual: bool, dry_run: bool) -> None:
    """Release a service in an environment: write the time of now as its stamp there, and so give it its host.

    SERVICE is its name, or project/app/name. What follows is printed first: who loses a host to it, who leaves. An
    environment of stage prod takes a service that is, or was, in one of stage test, unless the platform file says
    otherwise.

    \b
    Examples:
      servegen deploy resnet50-202208014 test
      servegen deploy resnet50-202208014 prod --dry-run
      servegen deploy resnet50-202208014 prod --manual     beside the owner; without it later, to take the host
    """
    repository = open_repository(invocation.folder, dry_run=dry_run)
    entry = names.service(repository.fleet, service)
    names.environment(repository.fleet, environment)
    _tried(repository, entry, environment)
    file = entry.document.file
    moment = repository.now
    taken = lifecycle.defer_takeover if manual else lifecycle.take_over
    text = taken(lifecycle.release(repository.specs, entry, environment, moment), entry, environment)
    routing = repository.with_edits({file: text}).routing
    moment = lifecycle.winning_stamp(routing, entry, environment, repository.now)
    text = taken(lifecycle.release(repository.specs, entry, environment, moment), entry, environment)
    announce(repository, {file: text}, [f"{file}: released in {environment} at {lifecycle.stamp(moment)}"])
    write(repository, {file: text}, dry_run=dry_run)


def _tried(repository: Repository, entry: ServiceEntry, environment: str) -> None:
    """Raises UsageError when the environment requires a test and neither the spec nor its history tells of one."""
    platform, file = repository.fleet.platform, entry.document.file
    if not requires_test(platform, environment) or has_been_in_test(platform, entry.spec.environments):
        return
    if any(has_been_in_test(platform, stanzas) for _, stanzas in earlier_stanzas(repository.root, file)):
        return
    tests = trial_environments(platform) or ["an environment of stage test"]
    raise UsageError(
        f"{entry.name} has never been in {' or '.join(tests)}, and {environment} requires it",
        hint=f"`servegen deploy {entry.name} {tests[0]}` first; `requires: none` of {environment} in "
        "services/platform.yaml lifts the rule",
    )

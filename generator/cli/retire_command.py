"""The `servegen retire` command."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from generator.cli import completion
from generator.cli.common import command as new_command
from generator.cli.dry_run import dry_run_option
from generator.cli.edit import announce, open_repository, write
from generator.core.errors import UsageError
from generator.edit import release
from generator.repo.git.checkout import known_contents
from generator.repo.git.objects import sha1_name
from generator.spec.values.text import closest, list_few, list_known

if TYPE_CHECKING:
    from generator.cli.main import Invocation
    from generator.fleet.model import ServiceEntry
    from generator.repo.repository import Repository


@new_command("retire")
@click.argument("app", shell_complete=completion.apps)
@click.option("--reason", help="The reason, which is noted in the project file.")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@dry_run_option
@click.pass_obj
def command(invocation: Invocation, *, app: str, reason: str | None, yes: bool, dry_run: bool) -> None:
    """Retire an app: delete the specs of its services, and record it in the project's file.

    APP is project/app. Undeploy its services first, and wait until that is synced: retiring deletes the app's folder in
    rendered/ and the objects that deliver it. Argo CD then keeps what it has applied; Flux deletes it. So the command
    fails while a service of the app runs, or if services of other apps refer to it. What remains of an undeployed app
    under Argo CD is a small ConfigMap, servegen-<app>. Versions of its models stay in the registry.

    \b
    Example:
      servegen retire vision/resnet50 --reason "replaced by vision/detector"
    """
    repository = open_repository(invocation.folder, dry_run=dry_run)
    services = _services(repository, app)
    _at_rest(repository, app, services)
    project, _, name = app.partition("/")
    _kept_by_git(repository, services)
    note = ", ".join(filter(None, (f"{repository.now:%Y-%m-%d}", reason)))
    noted, text = release.retire(repository.specs, project, name, note)
    files: dict[str, bytes | None] = {**{entry.document.file: None for entry in services}, noted: text}
    changes = [f"{entry.document.file}: deleted" for entry in services]
    edit = announce(repository, files, [*changes, f"{noted}: {name} is retired, {note}"])
    if not dry_run and not yes:
        _ask(app)
    write(edit, dry_run=dry_run)


def _services(repository: Repository, app: str) -> list[ServiceEntry]:
    """Return the app's services. Raises UsageError if there is no such app or one of its specs cannot be read."""
    unread = sorted(
        repository.fleet.unread & {file.split("/")[-1][:-5] for file in repository.specs if f"/{app}/" in file}
    )
    if unread:
        hint = "`servegen validate` reports its errors"
        raise UsageError(f"the spec of {unread[0]} of this app cannot be read", hint=hint)
    apps = {"/".join(key): services for key, services in repository.fleet.apps().items()}
    if app not in apps:
        _not_retired(repository, app)
        hint = closest(app, apps) or list_known("apps", apps)
        raise UsageError(f"there is no app {app}", hint=hint)
    return apps[app]


def _not_retired(repository: Repository, app: str) -> None:
    """Raises UsageError if the app is retired according to the project's file."""
    project, _, name = app.partition("/")
    spec = repository.fleet.projects.get(project)
    if spec is not None and name in spec.retired:
        raise UsageError(f"{app} is already retired", hint=f"services/{project}/project.yaml: {spec.retired[name]}")


def _at_rest(repository: Repository, app: str, services: list[ServiceEntry]) -> None:
    """Raises UsageError if a service of the app has pods, because nothing would delete them."""
    running = [
        f"{instance.service.name} in {environment}"
        for environment, entries in repository.fleet.instances.items()
        for instance in (entries[service.key] for service in services if service.key in entries)
        if repository.routing.runs(instance)
    ]
    if running:
        hint = (
            "run `servegen undeploy` for each and sync that before you retire: Argo CD would leave their pods running"
        )
        raise UsageError(f"{app} still runs: {list_few(running)}", hint=hint)


def _kept_by_git(repository: Repository, services: list[ServiceEntry]) -> None:
    """Raises UsageError if Git does not have the content of a spec: deleting it would lose that content."""
    known = set().union(*known_contents(repository.root, "services"))
    for entry in services:
        if sha1_name(repository.specs[entry.document.file]) not in known:
            hint = "commit it first, so that it can be restored"
            raise UsageError(f"{entry.document.file} has uncommitted changes", hint=hint)


def _ask(app: str) -> None:
    """Ask for confirmation. Raises UsageError if there is no terminal."""
    if not sys.stdin.isatty():
        raise UsageError(
            "this deletes specs, and there is no terminal to ask for confirmation", hint="run it again with --yes"
        )
    click.confirm(f"retire {app}?", abort=True)

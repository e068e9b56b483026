"""The `servegen publish` command."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from generator.cli import completion
from generator.cli.common import command as new_command
from generator.cli.dry_run import dry_run_option
from generator.cli.edit import announce, open_repository, write
from generator.cli.terminal import echo
from generator.core.errors import UsageError
from generator.fleet.lookup import find_model, find_version
from generator.repo.publish import PublishedSpec, PublishOptions, publish

if TYPE_CHECKING:
    from generator.cli.main import Invocation


@new_command("publish")
@click.argument("model", shell_complete=completion.models)
@click.argument("version", shell_complete=completion.versions)
@click.option(
    "--project",
    shell_complete=completion.projects,
    help="The project of the model, if several have a model with that name.",
)
@click.option(
    "--app", help="The folder of the app.  [default: that of the newest service of the model, or the model name]"
)
@click.option(
    "--type", "type_", shell_complete=completion.servers, help="The model server.  [default: the api of the version]"
)
@click.option("--image", help="The container image.  [default: that of the copied spec, or of the model server]")
@click.option(
    "--like",
    shell_complete=completion.services,
    help="The service whose spec is copied.  [default: the newest of the model and type]",
)
@click.option("--fresh", is_flag=True, help="Do not copy a spec.")
@click.option(
    "--environment",
    "environments",
    multiple=True,
    shell_complete=completion.environments,
    help="Also deploy it in this environment; may be repeated.",
)
@click.option(
    "--external/--internal",
    default=None,
    help="Give it the smallest free id, for an external address, or none.  [default: as in the copied spec]",
)
@dry_run_option
@click.pass_obj
def command(
    invocation: Invocation,
    *,
    model: str,
    version: str,
    project: str | None,
    app: str | None,
    type_: str | None,
    image: str | None,
    like: str | None,
    fresh: bool,
    environments: tuple[str, ...],
    external: bool | None,
    dry_run: bool,
) -> None:
    """Make a service of a registered version of MODEL (its name, or project/name).

    Its spec is a copy of that of the model's newest service, with this version: resources, host, config and comments
    are kept; environments and rules for other services (split, mirror, headers) are not, and an id is replaced by the
    smallest free one. The first service of a model gets a minimal spec. A service that already exists is not changed.

    \b
    Examples:
      servegen publish detector v2026.11.1
      servegen publish vision/detector v2026.11.1 --environment test
    """
    if fresh and like is not None:
        raise UsageError("--fresh and --like contradict each other", hint="remove one of them")
    repository = open_repository(invocation.folder, dry_run=dry_run)
    entry = find_model(repository.fleet.models, model, project)
    find_version(entry, version)
    options = PublishOptions(app, type_, image, like, fresh, environments, external)
    made = publish(repository, entry, version, options)
    if isinstance(made, str):
        echo(f"{made} already exists")
        return
    edit = announce(repository, {made.publication.file: made.text}, [_summary(made)])
    write(edit, dry_run=dry_run)


def _summary(made: PublishedSpec) -> str:
    publication, source = made.publication, made.source
    id = f", with the id {publication.id}" if publication.id is not None else ""
    if source is None:
        return f"{publication.file}{id}"
    lost = [key for key in made.left_out if key != "id" or publication.id is None]
    without = f", without its {', '.join(lost)}" if lost else ""
    return f"{publication.file}: as {source.document.file}{without}{id}"

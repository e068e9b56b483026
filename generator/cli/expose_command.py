"""The `servegen expose` command."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import click

from generator.cli import completion
from generator.cli.common import command as new_command
from generator.cli.dry_run import dry_run_option
from generator.cli.edit import open_repository, write
from generator.cli.effects import edit_effects
from generator.cli.terminal import echo
from generator.core.errors import UsageError
from generator.edit.yaml_edit import put
from generator.fleet.external import external, format_addresses
from generator.fleet.lookup import find_service
from generator.repo.edits import Edit
from generator.repo.ids import next_free_id
from generator.spec.external import SeriesName

if TYPE_CHECKING:
    from generator.cli.main import Invocation
    from generator.fleet.model import Fleet, ServiceEntry


@new_command("expose")
@click.argument("service", shell_complete=completion.services)
@click.option(
    "--series",
    type=click.Choice(get_args(SeriesName)),
    help="The series of ports.  [default: that of the spec, or inference]",
)
@dry_run_option
@click.pass_obj
def command(invocation: Invocation, *, service: str, series: SeriesName | None, dry_run: bool) -> None:
    """Give a service an external address: write the smallest free id into its spec, and print the addresses.

    SERVICE is its name, or project/app/name. Nothing else in the file changes, and no address of another service
    changes.

    \b
    Example:
      servegen expose resnet50-202208014
    """
    repository = open_repository(invocation.folder, dry_run=dry_run).require_no_errors()
    fleet = repository.fleet
    entry = find_service(fleet, service)
    wanted = _series(entry, series)
    file = entry.document.file
    keys = {"id": str(next_free_id(repository, wanted))}
    if wanted != entry.spec.series:
        keys["series"] = wanted
    text = repository.specs[file]
    for key, value in keys.items():
        text = put(text, file, (key,), value, before="model")
    after = repository.with_edits({file: text}).require_no_errors()
    edit = Edit(repository, after, {file: text}, ())
    echo(f"{file}: {', '.join(f'{key} {value}' for key, value in keys.items())}")
    _print_result(after.fleet, entry)
    for line in edit_effects(edit):
        echo(line)
    write(edit, dry_run=dry_run)


def _series(entry: ServiceEntry, asked: SeriesName | None) -> SeriesName:
    """Return the series to take the id from. Raises UsageError if the spec has an id, or another series."""
    position = entry.document.position(("id",))
    if entry.spec.id is not None:
        hint = "its address is unchanged; remove the line to get another one"
        raise UsageError(f"{position}: {entry.name} already has the id {entry.spec.id}", hint=hint)
    if asked is None or "series" not in entry.spec.written or asked == entry.spec.series:
        return asked or entry.spec.series
    position = entry.document.position(("series",))
    raise UsageError(
        f"{position}: the spec has series: {entry.spec.series}", hint="change that line, or remove --series"
    )


def _print_result(fleet: Fleet, entry: ServiceEntry) -> None:
    reached = False
    for environment, instance in fleet.instances.items():
        given = external(instance[entry.key]) if entry.key in instance else None
        if given is not None:
            echo(f"{environment}: {', '.join(format_addresses(given))}")
            reached = True
    if not reached:
        echo("it has no address yet: it is not deployed in an environment whose stage and cluster provide one")

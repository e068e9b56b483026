"""The `servegen new` command."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from generator.cli import completion
from generator.cli.common import command as new_command
from generator.cli.dry_run import dry_run_option
from generator.cli.edit import announce, open_repository, write
from generator.core.errors import UsageError
from generator.core.yaml import EMPTY
from generator.edit.publish import require_service_name
from generator.edit.spec_text import service_text
from generator.repo.ids import next_free_id

if TYPE_CHECKING:
    from generator.cli.main import Invocation


@new_command("new")
@click.argument("model", shell_complete=completion.models)
@click.argument("version", shell_complete=completion.versions)
@click.option(
    "--project", required=True, shell_complete=completion.projects, help="The project: a folder in services/."
)
@click.option("--app", help="The folder of the app.  [default: the model name]")
@click.option(
    "--type",
    "type_",
    required=True,
    shell_complete=completion.servers,
    help="The model server, for example triton-server.",
)
@click.option("--image", help="The container image.  [default: that of the model server]")
@click.option(
    "--environment",
    "environments",
    multiple=True,
    shell_complete=completion.environments,
    help="Deploy it in this environment; may be repeated.",
)
@click.option("--external", is_flag=True, help="Give it the smallest free id, for an external address.")
@dry_run_option
@click.pass_obj
def command(
    invocation: Invocation,
    *,
    model: str,
    version: str,
    project: str,
    app: str | None,
    type_: str,
    image: str | None,
    environments: tuple[str, ...],
    external: bool,
    dry_run: bool,
) -> None:
    """Make the spec of a service: one version of one model. Existing files are never overwritten.

    \b
    Example:
      servegen new resnet50 v2022.08.01.4 --project vision --type triton-server --environment test
    """
    repository = open_repository(invocation.folder, dry_run=dry_run)
    name = require_service_name(model, version)
    file = f"services/{project}/{app or model}/{name}.yaml"
    if file in repository.specs:
        raise UsageError(f"{file} already exists", hint="edit it, or choose another version")
    keys: dict[str, object] = {"id": str(next_free_id(repository, "inference"))} if external else {}
    keys |= {"model": model, "version": version, "type": type_}
    if image:
        keys["image"] = image
    if environments:
        keys["environments"] = dict.fromkeys(environments, EMPTY)
    made = {file: service_text(keys).encode()}
    write(announce(repository, made, [file]), dry_run=dry_run)

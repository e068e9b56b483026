"""`servegen new`"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from generator.cli.common import command as new_command
from generator.errors import UsageError

if TYPE_CHECKING:
    from generator.cli.main import Invocation


@new_command("new")
@click.argument("model")
@click.argument("version")
@click.option("--project", required=True, help="The team: a folder of services/.")
@click.option("--app", help="The app's folder.  [default: the model's name]")
@click.option("--type", "type_", required=True, help="The model server, for example triton-server.")
@click.option("--image", help="The container image.  [default: the model server's]")
@click.option("--environment", "environments", multiple=True, help="Deploy it there; may be repeated.")
@click.option("--external", is_flag=True, help="Give it the smallest free id, and so an external address.")
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
) -> None:
    """Make the spec of a service: one version of one model. Never overwrites a file.

    \b
    Example:
      servegen new resnet50 v2022.08.01.4 --project vision --type triton-server --environment test
    """
    from generator import worktree
    from generator.cli.ids import allotted, sound
    from generator.spec.values.mistake import MistakeError
    from generator.spec.values.names import service_name
    from generator.specfile import service_text
    from generator.yamlio import EMPTY

    root = worktree.find_root(invocation.folder)
    try:
        name = service_name(model, version)
    except MistakeError as mistake:
        raise UsageError(f"no service name from {model} and {version}: {mistake}", hint=mistake.hint) from None
    file = f"services/{project}/{app or model}/{name}.yaml"
    if (root / file).exists():
        raise UsageError(f"{file} is there already", hint="edit it, or choose another version")
    keys: dict[str, object] = (
        {"id": str(allotted(sound(root, worktree.read_specs(root)), "inference"))} if external else {}
    )
    keys |= {"model": model, "version": version, "type": type_}
    if image:
        keys["image"] = image
    if environments:
        keys["environments"] = dict.fromkeys(environments, EMPTY)
    (root / file).parent.mkdir(parents=True, exist_ok=True)
    (root / file).write_text(service_text(keys), encoding="utf-8")
    click.echo(f"{file}\nnext: servegen render")

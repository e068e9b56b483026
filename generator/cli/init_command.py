"""`servegen init`"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from generator.cli.common import command as new_command
from generator.cli.common import library
from generator.cli.schema_command import FOLDER, texts
from generator.errors import UsageError

if TYPE_CHECKING:
    from generator.cli.main import Invocation

_FILES: Final = {"services/platform.yaml": "init/platform.yaml", ".gitattributes": "init/gitattributes"}


@new_command("init")
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False), default=".")
@click.pass_obj
def command(invocation: Invocation, *, directory: Path) -> None:
    """Make a GitOps repository in DIRECTORY: a platform file with one cluster and three environments.

    Files that are there already are never overwritten.

    \b
    Example:
      servegen init my-models && cd my-models
    """
    root = invocation.folder / directory
    shipped = library(root)
    present = [name for name in _FILES if (root / name).exists()]
    if present:
        raise UsageError(
            f"{present[0]} is there already", hint="this folder is a repository of servegen; go on with `new`"
        )
    for name, source in _FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(shipped.text(source), encoding="utf-8")
        click.echo(f"created {name}")
    for kind, text in texts(root).items():
        (root / FOLDER).mkdir(exist_ok=True)
        (root / FOLDER / f"{kind}.json").write_text(text, encoding="utf-8")
    click.echo(f"created {FOLDER}/, the JSON Schemas by which editors complete and check specs")
    click.echo("next: set the domain in services/platform.yaml, then `servegen new` or `servegen import cube-studio`")

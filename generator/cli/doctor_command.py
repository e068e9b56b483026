"""`servegen doctor`"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from generator.cli.common import command as new_command
from generator.core.errors import ToolError
from generator.repo import doctor as examining
from generator.repo import worktree
from generator.report import doctor

if TYPE_CHECKING:
    from generator.cli.main import Invocation


@new_command("doctor")
@click.option("--output", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_obj
def command(invocation: Invocation, *, output: str) -> None:
    """Tell what is there to work with, and what to ask the clusters. It asks no network itself, and writes nothing.

    The programs that servegen calls; the hook for commits; the repository's own templates against those that are
    shipped; and for each environment the commands that list what needs a look, such as what a failed revision has left
    under Flux.

    Exit code 3 when a program is missing.

    \b
    Examples:
      servegen doctor
      servegen doctor --output json
    """
    root = worktree.find_root(invocation.folder)
    found = examining.examine(root)
    click.echo(json.dumps(asdict(found), ensure_ascii=False, indent=2) if output == "json" else doctor.text(found))
    if missing := [program.name for program in found.programs if program.version is None]:
        raise ToolError(f"missing: {', '.join(missing)}")

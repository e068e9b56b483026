"""The `servegen doctor` command."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click
from msgspec import to_builtins

from generator.cli.common import command as new_command
from generator.cli.terminal import echo
from generator.core.errors import ToolError
from generator.repo import doctor as examining
from generator.repo import worktree
from generator.repo.cache import status as cache
from generator.report import doctor

if TYPE_CHECKING:
    from generator.cli.main import Invocation


@new_command("doctor")
@click.option("--output", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--grants", "shows_grants", is_flag=True, help="Print only the `grants` that the platform file needs.")
@click.option("--clear-cache", is_flag=True, help="Only delete the results of earlier runs, of all repositories.")
@click.pass_obj
def command(invocation: Invocation, *, output: str, shows_grants: bool, clear_cache: bool) -> None:
    """Report the state of programs, hook and templates, and list commands that query the clusters.

    The report covers the programs that servegen calls, the commit hook, the repository's own templates compared with
    the shipped ones, the results of earlier runs in the user's cache, and for each environment the commands that list
    objects that need attention, such as those that a failed revision left behind under Flux. For each cluster one lists
    what an environment that moved left there. The command itself uses no network, and without --clear-cache it writes
    nothing.

    A program is tried on a task with a known result, whatever version it prints. Exit code 3 if one is missing or does
    not work.

    With --grants it prints the key `grants` of the platform file with everything added that projects use and that is
    not granted. Read it before you paste it: what is granted is allowed from then on.

    \b
    Examples:
      servegen doctor
      servegen doctor --grants
      servegen doctor --output json
      servegen doctor --clear-cache
    """
    if clear_cache:
        echo(f"deleted {doctor.describe_size(cache.clear_cache()).rstrip(',')}")
        return
    root = worktree.find_root(invocation.folder)
    if shows_grants:
        echo(examining.grants(root).rstrip("\n"))
        return
    found = examining.examine(root)
    echo(json.dumps(to_builtins(found), ensure_ascii=False, indent=2) if output == "json" else doctor.text(found))
    if unusable := [program.name for program in found.programs if program.version is None]:
        raise ToolError(f"missing or broken: {', '.join(unusable)}")

"""The `servegen affected` command."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

import click

from generator.cli.common import command as new_command
from generator.cli.compared_sides import sides_of
from generator.cli.terminal import echo, echo_utf8
from generator.core.collector import no_collector
from generator.repo.compared import compare_revisions
from generator.review.affected import affected_services

if TYPE_CHECKING:
    from generator.cli.main import Invocation

_FORMATS: Final = {name: f"generator.report.affected_{name}" for name in ("text", "json")}


@new_command("affected")
@click.option("--since", metavar="REV", help="The revision that the change starts from, as BASE of `servegen diff`.")
@click.option("--output", type=click.Choice(list(_FORMATS)), default="text", show_default=True, help="The format.")
@click.pass_obj
def command(invocation: Invocation, *, since: str | None, output: str) -> None:
    """Report which services a change can affect, in which environments, and why. Renders and writes nothing.

    A service is affected if its objects can differ, or only findings about it: for those, it is enough that it shares
    a host, a name, an id or an app with a service that differs.

    \b
    Examples:
      servegen affected --since origin/main...
      servegen affected --since origin/main... --output json    for a matrix of a CI job
    """
    with compare_revisions(invocation.folder, since, None) as compared, no_collector():
        found = affected_services(sides_of(compared))
    text: str = import_module(_FORMATS[output]).report(found, compared.base_name, compared.head_name)
    if output == "text":
        echo(text, nl=False)
    else:
        echo_utf8(text)

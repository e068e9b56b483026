"""The `servegen completion` command."""

from __future__ import annotations

import click

from generator.cli.common import command as new_command
from generator.cli.terminal import echo

_SHELLS = ("bash", "zsh", "fish")


@new_command("completion")
@click.argument("shell", type=click.Choice(_SHELLS))
@click.pass_context
def command(ctx: click.Context, *, shell: str) -> None:
    """Print the script that completes commands, options and names in a shell.

    Names are those of the repository that you are in: services, models and their versions, environments, projects,
    hosts.

    \b
    Examples:
      source <(servegen completion bash)                                  in ~/.bashrc
      servegen completion zsh > "${fpath[1]}/_servegen"
      servegen completion fish > ~/.config/fish/completions/servegen.fish
    """
    from click.shell_completion import get_completion_class

    found = get_completion_class(shell)
    assert found is not None  # click has all three
    echo(found(ctx.find_root().command, {}, "servegen", "_SERVEGEN_COMPLETE").source())

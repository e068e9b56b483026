"""The command group: it imports commands on demand, and turns every exception into a message and an exit code."""

from __future__ import annotations

import importlib
import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
from msgspec import Struct

from generator import __version__
from generator.cli.terminal import echo, echo_findings
from generator.cli.version import VERSION
from generator.core.errors import BugError, RefusedError, ServegenError
from generator.core.mask_urls import mask_urls

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

# Help section -> command -> summary. A command's module is imported when it runs, so that start-up is fast.
_COMMANDS: Final[dict[str, dict[str, str]]] = {
    "Everyday": {
        "render": "write rendered/ from the specs, or only compare them (--check)",
        "validate": "check specs and rendered objects without writing anything",
        "new": "create a service spec from a few options",
        "expose": "give a service an external address",
        "register": "add a model version to the registry",
        "publish": "create a service for a registered version",
        "commit": "render, validate and commit, and push (--push)",
    },
    "Lifecycle": {
        "deploy": "release a service in an environment",
        "canary": "give a service a share of another one's requests",
        "advance": "make the next step of each rollout, or take it back",
        "undeploy": "remove a service from an environment",
        "rollback": "give a host back to the service that had it before",
        "retire": "remove an app permanently",
    },
    "Look": {
        "list": "list services or models",
        "explain": "print the manual page of a check or of a key",
        "path": "print the path of a model version",
        "hosts": "print lines for a hosts file",
        "diff": "report what a change does, the most dangerous first",
        "affected": "report which services a change can affect, for CI",
        "open": "print and open the addresses and dashboards of a service",
        "site": "write a page of the whole fleet, for a browser",
        "capacity": "plan the pods on the node pools of the clusters",
        "doctor": "report programs, hook and own templates; print cluster queries",
        "schema": "print or write the JSON Schemas of the spec files",
        "completion": "print the script that completes names in bash, zsh or fish",
    },
    "Repository": {
        "init": "create a GitOps repository",
        "verify": "verify that rendered/ of a commit is what its specs render",
        "hydrate": "write a branch for each environment",
        "import": "create specs from the data of another system",
    },
}


class Invocation(Struct, frozen=True):
    """The options that all commands share: the folder that servegen works in."""

    folder: Path


class _Group(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return [name for section in _COMMANDS.values() for name in section]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        module = importlib.import_module(f"generator.cli.{cmd_name}_command")
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if not ctx.resilient_parsing and args[0] not in self.list_commands(ctx) and not args[0].startswith("-"):
            from generator.spec.values.text import find_closest

            near = find_closest(args[0], self.list_commands(ctx))
            hint = f" Did you mean '{near}'?" if near else ""
            raise click.UsageError(f"No such command '{args[0]}'.{hint}", ctx)
        return super().resolve_command(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete commands from the table, without importing their modules."""
        from click.shell_completion import CompletionItem

        found = [
            CompletionItem(name, help=summary)
            for commands in _COMMANDS.values()
            for name, summary in commands.items()
            if name.startswith(incomplete)
        ]
        return [*found, *click.Command.shell_complete(self, ctx, incomplete)]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        for section, commands in _COMMANDS.items():
            with formatter.section(section):
                formatter.write_dl(list(commands.items()))


def _show_version(ctx: click.Context, option: click.Parameter, asked: bool) -> None:
    del option
    if asked and not ctx.resilient_parsing:
        echo(VERSION)
        ctx.exit()


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help="Show the version and exit.",
)
@click.option(
    "-C",
    "folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=".",
    help="Run in this folder.",
)
@click.pass_context
def cli(ctx: click.Context, folder: Path) -> None:
    """Kustomize bases and overlays for inference services, from short specs in Git.

    \b
    Example:
      servegen render            write rendered/ from services/
      servegen validate          check everything, write nothing

    \b
    Exit codes: 0 success, 1 errors in your files, 2 usage, 3 a tool, git or the file system failed,
    4 the rendered tree is out of date, 5 a bug in servegen, 130 interrupted.
    """
    from generator.core.programs.control import restrict_path
    from generator.repo.cache.choice import turn_cache_off
    from generator.repo.git.checkout import controlled_folder

    ctx.obj = Invocation(folder.resolve())
    restrict_path(controlled_folder(ctx.obj.folder))
    turn_cache_off(off=False)


def run(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code. Errors are reported on standard error."""
    try:
        cli.main(arguments, prog_name="servegen", standalone_mode=False)
    except click.ClickException as error:
        return _usage(error)
    except (click.Abort, KeyboardInterrupt):
        echo("interrupted", err=True)
        return 130
    except ServegenError as error:
        if isinstance(error, RefusedError):
            from generator.report import FORMATS
            from generator.report.manual_pages import documentation

            echo_findings(FORMATS["text"](error.findings, error.sources), documentation(error.sources))
        _show_error(error)
        return error.exit_code
    except BrokenPipeError:
        return 0
    except Exception:
        return _bug()
    return 0


def _show_error(error: ServegenError) -> None:
    from generator.core.secrets import hide_secrets

    if str(error):
        echo(hide_secrets(f"servegen: {error}"), err=True)
    if error.hint:
        echo(hide_secrets(f"  hint: {error.hint}"), err=True)


def _usage(error: click.ClickException) -> int:
    """Print click's own message: it quotes the arguments."""
    shown = io.StringIO()
    error.show(file=shown)
    echo(shown.getvalue(), nl=False, err=True)
    return error.exit_code


def _bug() -> int:
    import platform
    import traceback

    echo(mask_urls(traceback.format_exc()), nl=False, err=True)
    versions = f"servegen {__version__}, Python {platform.python_version()}, {platform.platform()}"
    echo(f"servegen: this is a bug; please report the lines above with: {versions}", err=True)
    echo(f"  command: {mask_urls(' '.join(sys.argv[1:]))}", err=True)
    return BugError.exit_code

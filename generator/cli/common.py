"""What several commands share: reading the repository, the output option, the progress bar, printing problems."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import click

from generator.core.errors import ErrorsFoundError, UsageError
from generator.core.finding import has_errors, sort_findings
from generator.pipeline.run import embedded, loader, opened
from generator.report import FORMATS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from generator.pipeline.plan import Plan, Progress

__all__ = [
    "command",
    "embedded",
    "loader",
    "opened",
    "output_option",
    "planned",
    "progress",
    "pushed_branch",
    "show",
    "stop_on_errors",
]

_PATIENCE_SECONDS: Final = 1.0

output_option = click.option(
    "--output", type=click.Choice(list(FORMATS)), default="text", show_default=True, help="How findings are printed."
)


def planned(root: Path, *, base: str | None = None) -> tuple[Plan, dict[str, bytes]]:
    """The plan of the repository at `root` with embedded validation, and the specs' sources.

    `base` is the revision that a change starts from.
    """
    from generator.pipeline import run as planning
    from generator.repo.git.checkout import read_files
    from generator.repo.path_conflicts import path_conflicts
    from generator.repo.worktree import read_specs

    specs = read_specs(root)
    with progress() as told:
        before = read_files(root, base, "services") if base is not None else None
        plan = planning.planned(root, specs, base=before, progress=told)
    plan.findings = sort_findings([*plan.findings, *path_conflicts(root, plan.files)])
    return plan, specs


def show(plan: Plan, sources: Mapping[str, bytes], output: str, prefix: str = "") -> None:
    """Print the plan's problems: text on standard error, anything for programs on standard output, always in UTF-8.

    `prefix` is the folder of the repository in the work tree of Git, for formats that name files by it.
    """
    text = FORMATS[output](plan.findings, sources, prefix)
    if output == "text":
        click.echo(text, nl=False, err=True)
    else:
        click.echo(text.encode("utf-8", "replace"), nl=False)


def pushed_branch(branch: str | None, *, push: bool) -> str | None:
    """The value of --branch. Raises UsageError where nothing is pushed: it would be without effect."""
    if branch is not None and not push:
        raise UsageError("--branch says where --push goes, and there is no --push", hint="add --push, or leave it away")
    return branch


def stop_on_errors(plan: Plan) -> None:
    """End the run when a problem is an error. The problems have been shown."""
    if has_errors(plan.findings):
        raise ErrorsFoundError("")


@contextmanager
def progress() -> Iterator[Progress | None]:
    """A progress bar, on a terminal and once the work has taken a second; silent otherwise."""
    if not sys.stderr.isatty():
        yield None
        return
    bar: dict[str, Any] = {}
    start = time.monotonic()
    try:
        yield lambda done, total: _advance(bar, start, done, total)
    finally:
        if "bar" in bar:
            bar["bar"].stop()


def _advance(bar: dict[str, Any], start: float, done: int, total: int) -> None:
    if "bar" not in bar:
        if time.monotonic() - start < _PATIENCE_SECONDS:
            return
        from rich.console import Console
        from rich.progress import Progress as Bar

        bar["bar"] = Bar(console=Console(stderr=True), transient=True)
        bar["task"] = bar["bar"].add_task("Rendering", total=total)
        bar["bar"].start()
    bar["bar"].update(bar["task"], completed=done)


def command(name: str, **settings: Any) -> Callable[[Callable[..., None]], click.Command]:
    """A click command with the settings that all ours have."""
    return click.command(name, context_settings={"help_option_names": ["-h", "--help"]}, **settings)

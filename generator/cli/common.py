"""Shared parts of several commands: the output option, the progress bar, printing findings."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import click

from generator.cli.terminal import echo_findings, echo_utf8
from generator.core.errors import ErrorsFoundError, RefusedError, UsageError
from generator.core.finding import has_errors
from generator.repo.cache.choice import turn_cache_off
from generator.report import FORMATS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from generator.core.finding import Finding
    from generator.pipeline.plan import Progress

_PATIENCE_SECONDS: Final = 1.0

output_option = click.option(
    "--output",
    type=click.Choice(list(FORMATS)),
    default="text",
    show_default=True,
    help="The output format of findings.",
)

no_cache_option = click.option(
    "--no-cache",
    is_flag=True,
    expose_value=False,
    callback=lambda ctx, param, value: turn_cache_off(off=value),  # noqa: ARG005  # the names of click
    help="Read and render everything again, and keep nothing for later runs.",
)


def show(findings: Sequence[Finding], sources: Mapping[str, bytes], output: str = "text", prefix: str = "") -> None:
    """Print findings: text on standard error, all other formats on standard output, always in UTF-8.

    `sources` are the specs. `prefix` is the folder of the repository in the Git work tree, for formats with paths from
    the top of the work tree.
    """
    text = FORMATS[output](findings, sources, prefix)
    if output == "text":
        from generator.report.manual_pages import documentation

        echo_findings(text, documentation(sources) if findings else "")
    else:
        echo_utf8(text)


def show_and_stop(
    findings: Sequence[Finding], sources: Mapping[str, bytes], output: str = "text", prefix: str = ""
) -> None:
    """Print findings. Raises ErrorsFoundError if one of them is an error."""
    show(findings, sources, output, prefix)
    if has_errors(findings):
        raise ErrorsFoundError("")


@contextmanager
def refusals_as(output: str, prefix: str = "") -> Iterator[None]:
    """Catch a RefusedError of the body, print its findings in this format, and raise ErrorsFoundError instead."""
    try:
        yield
    except RefusedError as refused:
        show(refused.findings, refused.sources, output, prefix)
        raise ErrorsFoundError("") from None


def pushed_branch(branch: str | None, *, push: bool) -> str | None:
    """Return the value of --branch. Raises UsageError without --push, because --branch would have no effect."""
    if branch is not None and not push:
        raise UsageError("--branch has no effect without --push", hint="add --push, or remove --branch")
    return branch


@contextmanager
def progress() -> Iterator[Progress | None]:
    """Yield a function that updates a progress bar.

    The bar appears only on a terminal, and only after the work has taken a second; without a terminal, yield None.
    """
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
    """Return a decorator for a click command with servegen's common settings."""
    return click.command(name, cls=_Command, context_settings={"help_option_names": ["-h", "--help"]}, **settings)


class _Command(click.Command):
    """A command whose texts are UTF-8. A path may have any bytes, because it is not written into files."""

    def invoke(self, ctx: click.Context) -> Any:
        for parameter in self.params:
            if not isinstance(parameter.type, click.Path):
                _require_utf8(parameter, ctx.params.get(parameter.name or ""))
        return super().invoke(ctx)


def _require_utf8(parameter: click.Parameter, value: object) -> None:
    """Raise UsageError, with the name of the option or argument, if a value has bytes that are not UTF-8."""
    for text in value if isinstance(value, tuple) else (value,):
        if isinstance(text, str) and not text.isascii():
            try:
                text.encode()
            except UnicodeEncodeError:
                name = parameter.opts[-1] if isinstance(parameter, click.Option) else parameter.human_readable_name
                message = f"{name}: found {text}, which has bytes that are not UTF-8"
                raise UsageError(message, hint="iconv -f ISO-8859-1 -t UTF-8 converts text from Latin-1") from None

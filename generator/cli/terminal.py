"""The only place that prints: everything that a command prints is escaped, whatever it contains."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager, nullcontext, suppress
from typing import TYPE_CHECKING, TextIO

import click

from generator.cli.colors import color_findings, has_colors, has_links
from generator.core.errors import ToolError
from generator.core.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterator


def echo(text: str, *, nl: bool = True, err: bool = False) -> None:
    """Print text to standard output, or to standard error with `err`; control characters in it are escaped.

    Raises ToolError if it cannot be written, as on a full disk. Nobody can be told that standard error is not writable.
    """
    with suppress(ToolError) if err else nullcontext(), _as_tool_error(sys.stderr if err else sys.stdout):
        click.echo(printable(text), nl=nl, err=err)


def echo_findings(text: str, documentation: str = "") -> None:
    """Print findings to standard error as `echo` does, in color on a terminal.

    With the address of the documentation, their ids are links, if the terminal shows links.
    """
    shown = printable(text)
    if shown and has_colors(sys.stderr):
        shown = color_findings(shown, documentation if has_links(sys.stderr) else "")
    with suppress(ToolError), _as_tool_error(sys.stderr):
        click.echo(shown, nl=False, err=True)


def echo_utf8(text: str) -> None:
    """Print text for a program to standard output, in UTF-8 whatever the terminal's encoding, without a last newline.

    JSON stays valid: in its strings, the escapes are those of JSON. Raises ToolError like `echo`.
    """
    with _as_tool_error(sys.stdout):
        click.echo(printable(text).encode(), nl=False)


@contextmanager
def _as_tool_error(stream: TextIO) -> Iterator[None]:
    """Raise ToolError for a failed write to the stream; a reader that has gone away is none."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        _discard_rest(stream)
        raise ToolError(f"cannot write the output: {error.strerror}") from error


def _discard_rest(stream: TextIO) -> None:
    """Let what a stream still holds go nowhere: some releases of Python would fail again when they end, with 120."""
    with suppress(OSError, ValueError):  # it has no file descriptor
        number = stream.fileno()
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, number)
        os.close(null)

"""The only place that prints: everything that a command prints is escaped, whatever it contains."""

from __future__ import annotations

import click

from generator.core.printable import printable


def echo(text: str, *, nl: bool = True, err: bool = False) -> None:
    """Print text to standard output, or to standard error with `err`; control characters in it are escaped."""
    click.echo(printable(text), nl=nl, err=err)


def echo_utf8(text: str) -> None:
    """Print text for a program to standard output, in UTF-8 whatever the terminal's encoding, without a last newline.

    JSON stays valid: in its strings, the escapes are those of JSON.
    """
    click.echo(printable(text).encode(), nl=False)

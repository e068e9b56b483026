"""The exceptions that end a run, each with its exit code.

An error in a user's file is not an exception but a `Finding` (finding.py), collected and printed with all others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from generator.core.finding import Finding


class ServegenError(Exception):
    """The run cannot continue. `exit_code` is the command's exit status; `hint` says what to do."""

    exit_code: ClassVar[int] = 3

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class ErrorsFoundError(ServegenError):
    """The user's files have errors, which have already been reported."""

    exit_code = 1


class RefusedError(ErrorsFoundError):
    """The specs have errors, so nothing was written.

    The caller prints `findings`; `sources` are the contents of the files that they are about.
    """

    def __init__(
        self, findings: Sequence[Finding], sources: Mapping[str, bytes], message: str = "", *, hint: str = ""
    ) -> None:
        super().__init__(message, hint=hint)
        self.findings = tuple(findings)
        self.sources = sources


class UsageError(ServegenError):
    """The command was called in a way that cannot work: wrong folder, wrong version, contradicting options."""

    exit_code = 2


class ToolError(ServegenError):
    """A program, git or the file system failed."""

    exit_code = 3


class OutOfDateError(ServegenError):
    """`--check` or `verify` found that the committed tree differs from what the specs produce."""

    exit_code = 4


class BugError(ServegenError):
    """Servegen contradicts itself: a defect of the program or of a template, never of a spec."""

    exit_code = 5

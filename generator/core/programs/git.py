"""Run git: input and output are bytes, and paths are relative to the folder in which git runs.

Questions are asked of the git program. Commands that change a repository run with GitPython, which takes longer to
import than a question takes.
"""

from __future__ import annotations

import os
import tempfile
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from generator.core.errors import ToolError
from generator.core.mask_urls import mask_urls
from generator.core.programs.environment import drop_redirections, git_settings
from generator.core.programs.process import try_run

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

# A git that writes holds the run's lock, so it must not leave a process behind: no garbage collector, no file watcher.
# Without maintenance, no process starts only to find that gc.auto forbids all of it.
_ALONE: Final = ("-c", "gc.auto=0", "-c", "maintenance.auto=false", "-c", "core.fsmonitor=false")
# Files of a work tree can form a bare repository, and its settings can name programs: git must not take it for the
# repository of a folder. Source: git-config(1), safe.bareRepository
_DISCOVERY: Final = ("-c", "safe.bareRepository=explicit")

# The variable that names the git program for GitPython.
_PROGRAM: Final = "GIT_PYTHON_GIT_EXECUTABLE"


class GitResult(Struct, frozen=True):
    """The result of a git command."""

    code: int
    out: bytes
    err: str

    def __bool__(self) -> bool:
        return self.code == 0

    @property
    def message(self) -> str:
        """Standard error, or standard output if that is empty.

        Git prints the address of a remote as it is configured, so the credentials of URLs are masked.
        """
        return mask_urls(self.err.strip() or self.out.decode("utf-8", "replace").strip())

    @property
    def text(self) -> str:
        """Standard output without the last newline; file names in any encoding are preserved."""
        return self.out.decode("utf-8", "surrogateescape").removesuffix("\n")


class Git(Struct, frozen=True):
    """Git in `folder`. `descriptor` is the open lock of the run (generator.repo.lock)."""

    folder: Path
    descriptor: int | None = None

    def ask(self, *arguments: str, stdin: bytes = b"", environment: Mapping[str, str] | None = None) -> GitResult:
        """Run a command without the run's lock and return its result, also if it fails.

        Raises ToolError if git is not installed.
        """
        command = (os.environ.get(_PROGRAM) or "git", *_DISCOVERY, *arguments)
        try:
            done = try_run(
                command, timeout=None, stdin=stdin, environment=git_settings(environment), folder=self.folder
            )
        except ToolError as error:
            raise ToolError(f"git is not usable: {error}", hint="install git") from None
        return GitResult(done.returncode, done.out, done.err.decode("utf-8", "surrogateescape"))

    def run(self, *arguments: str, stdin: bytes = b"", environment: Mapping[str, str] | None = None) -> GitResult:
        """Run a command that must succeed. Raises ToolError with git's message."""
        return _succeeded(self.ask(*arguments, stdin=stdin, environment=environment), arguments)

    def write(self, *arguments: str, stdin: bytes = b"") -> GitResult:
        """Run a command that changes the index, the work tree or a branch; git holds the run's lock until it ends.

        Raises ToolError with git's message.
        """
        return _succeeded(self.try_write(*arguments, stdin=stdin), arguments)

    def try_write(self, *arguments: str, stdin: bytes = b"") -> GitResult:
        """Run a command as `write` does, but return the result also if it fails."""
        return self._change(*arguments, stdin=stdin, descriptors=() if self.descriptor is None else (self.descriptor,))

    def push(self, *arguments: str) -> GitResult:
        """Push without the run's lock, and return the result also if it fails.

        A remote on this disk collects its garbage in a process that would inherit the lock and could run for minutes.
        """
        return self._change("push", "--quiet", *arguments)

    def _change(self, *arguments: str, stdin: bytes = b"", descriptors: tuple[int, ...] = ()) -> GitResult:
        """Run a command that may inherit open files. Raises ToolError if git is not installed."""
        drop_redirections()
        try:
            import git
        except ImportError as error:  # GitPython looks for git when it is imported
            raise ToolError(f"git is not usable: {error}", hint="install git") from None
        with tempfile.TemporaryFile() as given:
            given.write(stdin)
            given.seek(0)
            code, out, said = git.Git(str(self.folder)).execute(
                [str(git.Git.GIT_PYTHON_GIT_EXECUTABLE), *_DISCOVERY, *_ALONE, *arguments],
                istream=given,
                with_extended_output=True,
                with_exceptions=False,
                stdout_as_string=False,
                strip_newline_in_stdout=False,
                env=git_settings(),
                pass_fds=descriptors,
            )
        return GitResult(code, out, said)


def _succeeded(answer: GitResult, arguments: tuple[str, ...]) -> GitResult:
    if not answer:
        # Settings may come before the name of the command: git -c NAME=VALUE commit-tree
        names = arguments[2:] if arguments[0] == "-c" else arguments
        raise ToolError(f"git {names[0]} failed: {answer.message}")
    return answer

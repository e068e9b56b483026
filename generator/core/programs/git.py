"""Run git with GitPython: input and output are bytes, and paths are relative to the folder in which git runs."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from generator.core.errors import ToolError
from generator.core.mask_urls import mask_urls
from generator.core.programs.environment import drop_redirections, git_settings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

# A git that writes holds the run's lock, so it must not leave a process behind: no garbage collector, no file watcher.
# Without maintenance, no process starts only to find that gc.auto forbids all of it.
_ALONE: Final = ("-c", "gc.auto=0", "-c", "maintenance.auto=false", "-c", "core.fsmonitor=false")
# Files of a work tree can form a bare repository, and its settings can name programs: git must not take it for the
# repository of a folder. Source: git-config(1), safe.bareRepository
_DISCOVERY: Final = ("-c", "safe.bareRepository=explicit")


@dataclass(frozen=True, slots=True)
class GitResult:
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


@dataclass(frozen=True, slots=True)
class Git:
    """Git in `folder`. `descriptor` is the open lock of the run (generator.repo.lock)."""

    folder: Path
    descriptor: int | None = None

    def ask(
        self, *arguments: str, stdin: bytes = b"", environment: Mapping[str, str] | None = None, holding: bool = False
    ) -> GitResult:
        """Run a command and return its result, also if it fails. `holding` passes the run's lock to git.

        Raises ToolError if git is not installed.
        """
        drop_redirections()
        try:
            import git
        except ImportError as error:  # GitPython looks for git when it is imported
            raise ToolError(f"git is not usable: {error}", hint="install git") from None
        held = (self.descriptor,) if holding and self.descriptor is not None else ()
        with tempfile.TemporaryFile() as given:
            given.write(stdin)
            given.seek(0)
            code, out, said = git.Git(str(self.folder)).execute(
                [str(git.Git.GIT_PYTHON_GIT_EXECUTABLE), *_DISCOVERY, *arguments],
                istream=given,
                with_extended_output=True,
                with_exceptions=False,
                stdout_as_string=False,
                strip_newline_in_stdout=False,
                env=git_settings(environment),
                pass_fds=held,
            )
        return GitResult(code, out, said)

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
        return self.ask(*_ALONE, *arguments, stdin=stdin, holding=True)

    def push(self, *arguments: str) -> GitResult:
        """Push without the run's lock, and return the result also if it fails.

        A remote on this disk collects its garbage in a process that would inherit the lock and could run for minutes.
        """
        return self.ask(*_ALONE, "push", "--quiet", *arguments)


def _succeeded(answer: GitResult, arguments: tuple[str, ...]) -> GitResult:
    if not answer:
        # Settings may come before the name of the command: git -c NAME=VALUE commit-tree
        names = arguments[2:] if arguments[0] == "-c" else arguments
        raise ToolError(f"git {names[0]} failed: {answer.message}")
    return answer

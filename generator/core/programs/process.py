"""The only module that starts programs; only GitPython starts others."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from msgspec import Struct

from generator.core.errors import ToolError
from generator.core.mask_urls import mask_urls
from generator.core.programs.environment import program_environment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


class Completed(Struct, frozen=True):
    """The result of a program: its exit code, and the bytes of its standard output and standard error."""

    returncode: int
    out: bytes
    err: bytes

    @property
    def stdout(self) -> str:
        """Standard output as a string; bytes that are not UTF-8 are replaced."""
        return self.out.decode("utf-8", "replace")

    @property
    def stderr(self) -> str:
        """Standard error as a string without the credentials of URLs; bytes that are not UTF-8 are replaced."""
        return mask_urls(self.err.decode("utf-8", "replace"))


def run(
    command: Sequence[str],
    *,
    timeout: float | None,
    accepted: Sequence[int] = (0,),
    stdin: bytes = b"",
    environment: Mapping[str, str] | None = None,
) -> Completed:
    """Run a program that must end with an accepted code; the other arguments are those of `try_run`.

    Raises ToolError with command, code and output if it ends with another code, and in the cases of `try_run`.
    """
    done = try_run(command, timeout=timeout, stdin=stdin, environment=environment)
    if done.returncode not in accepted:
        output = (done.stderr or mask_urls(done.stdout)).strip()
        raise ToolError(f"{_shown(command)} failed with code {done.returncode}:\n{output}")
    return done


def try_run(
    command: Sequence[str],
    *,
    timeout: float | None,
    stdin: bytes = b"",
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> Completed:
    """Run a program without a shell and return its result, whatever its exit code.

    `timeout` is in seconds, None for no limit. `stdin` is its standard input, empty by default. `environment` is added
    to the environment of this process, without the variables that redirect Git. `folder` is where it runs, by default
    that of this process. Raises ToolError if the program cannot be started or takes too long.
    """
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            input=stdin,
            check=False,
            timeout=timeout,
            env=program_environment(environment),
            cwd=folder,
        )
    except subprocess.TimeoutExpired as error:
        raise ToolError(f"{_shown(command)} took longer than {error.timeout:.0f} s") from None
    except OSError as error:
        raise ToolError(f"{command[0]} cannot be started: {error.strerror}") from None
    return Completed(done.returncode, done.stdout, done.stderr)


def _shown(command: Sequence[str]) -> str:
    return mask_urls(" ".join(command))

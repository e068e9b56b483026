"""Programs that we call: finding them and running them."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Final

from generator.core.errors import ToolError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_LOCAL: Final = Path(".tools") / "bin"


def find(name: str, *, near: Path | None = None) -> Path | None:
    """A program on PATH, or in `.tools/bin` of `near` (the current folder by default)."""
    found = shutil.which(name) or shutil.which(name, path=str((near or Path.cwd()) / _LOCAL))
    return Path(found) if found else None


def run(
    command: Sequence[str],
    *,
    timeout: float,
    accepted: Sequence[int] = (0,),
    environment: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run a program without a shell; `timeout` in seconds, `environment` on top of ours.

    Raises ToolError with command, code and output when it cannot be started, fails or takes too long.
    """
    line = " ".join(command)
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            stdin=subprocess.DEVNULL,
            check=False,
            timeout=timeout,
            env={**os.environ, **environment} if environment else None,
        )
    except subprocess.TimeoutExpired:
        raise ToolError(f"{line} took longer than {timeout:.0f} s") from None
    except OSError as error:
        raise ToolError(f"{command[0]} cannot be started: {error.strerror}") from None
    if done.returncode not in accepted:
        said = (done.stderr or done.stdout).strip()
        raise ToolError(f"{line} failed with code {done.returncode}:\n{said}")
    return done

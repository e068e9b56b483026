"""External programs: finding them and running them."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from generator.core.programs.process import Completed, run, try_run

__all__ = ["Completed", "find", "run", "try_run"]

_LOCAL: Final = Path(".tools") / "bin"


def find(name: str, *, near: Path | None = None) -> Path | None:
    """Return the path of a program on PATH, or in `.tools/bin` of `near` (default: the current folder), or None."""
    found = shutil.which(name) or shutil.which(name, path=str((near or Path.cwd()) / _LOCAL))
    return Path(found) if found else None

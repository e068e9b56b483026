"""External programs: finding them and running them."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Final

from generator.core.errors import UsageError
from generator.core.programs.process import Completed, run, try_run

__all__ = ["Completed", "find", "run", "tools_folder", "try_run"]

_FOLDER: Final = "SERVEGEN_TOOLS"


def find(name: str) -> Path | None:
    """Return the path of a program on PATH, or in the folder of servegen's tools, or None.

    A command first removes from PATH what the repository controls (see `restrict_path`).
    """
    found = shutil.which(name) or shutil.which(name, path=str(tools_folder()))
    return Path(found) if found else None


def tools_folder() -> Path:
    """Return the folder into which the installer builds programs: SERVEGEN_TOOLS, or one in the user's cache.

    Raises UsageError if its path is relative: it would be another folder in each repository.
    """
    named = os.environ.get(_FOLDER)
    if named and not Path(named).is_absolute():
        raise UsageError(f'found {_FOLDER}="{named}", expected an absolute path', hint=f"unset {_FOLDER}")
    if named:
        return Path(named)
    from platformdirs import user_cache_path

    return user_cache_path("servegen").absolute() / "tools"

"""External programs: finding them and running them."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Final

from generator.core.errors import UsageError
from generator.core.programs.control import explain_refusal, user_cache
from generator.core.programs.process import Completed, run, try_run

__all__ = ["Completed", "explain_absence", "find", "run", "tools_folder", "try_run"]

_FOLDER: Final = "SERVEGEN_TOOLS"


def find(name: str) -> Path | None:
    """Return the path of a program on PATH, or in the folder of servegen's tools, or None.

    A command first removes from PATH what the repository controls (see `restrict_path`).
    """
    tools = tools_folder()
    found = shutil.which(name) or (shutil.which(name, path=str(tools)) if tools else None)
    return Path(found) if found else None


def explain_absence(name: str) -> str:
    """Return why `find` returns None: the program is not installed, or only where it is not run."""
    return explain_refusal(name) or f"{name} is not installed"


def tools_folder() -> Path | None:
    """Return the folder into which the installer builds programs: SERVEGEN_TOOLS, or one in the user's cache.

    Return None if that cache is in the repository. Raises UsageError if SERVEGEN_TOOLS is relative: it would be another
    folder in each repository.
    """
    named = os.environ.get(_FOLDER)
    if named and not Path(named).is_absolute():
        raise UsageError(f'found {_FOLDER}="{named}", expected an absolute path', hint=f"unset {_FOLDER}")
    if named:
        return Path(named)
    cache = user_cache()
    return cache / "tools" if cache else None

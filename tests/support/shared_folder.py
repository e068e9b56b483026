"""A temporary folder that all workers of a run of the tests share."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from tests.support.process_folder import process_folder

_VARIABLE: Final = "TESTS_SHARED_FOLDER"


def shared_folder() -> Path:
    """Return the folder. The process that starts the workers calls this first, and deletes the folder when it ends."""
    if _VARIABLE not in os.environ:
        os.environ[_VARIABLE] = str(process_folder())
    return Path(os.environ[_VARIABLE])

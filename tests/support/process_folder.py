"""A temporary folder of the process that runs the tests."""

from __future__ import annotations

import atexit
import tempfile
from pathlib import Path
from typing import Final

# A test may set another one for itself, which ends with the test.
_TEMPORARY: Final = tempfile.gettempdir()


def process_folder() -> Path:
    """Create a folder that is deleted when this process ends."""
    holder = tempfile.TemporaryDirectory(prefix="servegen-", dir=_TEMPORARY)
    atexit.register(holder.cleanup)
    return Path(holder.name)

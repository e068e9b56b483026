"""A temporary folder of the process that runs the tests."""

from __future__ import annotations

import atexit
import tempfile
from pathlib import Path


def process_folder() -> Path:
    """Create a folder that is deleted when this process ends."""
    holder = tempfile.TemporaryDirectory(prefix="servegen-")
    atexit.register(holder.cleanup)
    return Path(holder.name)

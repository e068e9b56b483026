"""An edit that only the time of change shows."""

from __future__ import annotations

import os
from pathlib import Path


def edit_unseen(path: Path) -> None:
    """Change a byte, and give the file its old size and its old time of modification."""
    before = path.stat()
    text = path.read_bytes()
    path.write_bytes(text[:-2] + b"#\n")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))

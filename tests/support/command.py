"""The real command line, run as users run it."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.support import program


def servegen(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `servegen -C root` with these arguments."""
    return program.run(["-C", str(root), *arguments])

"""The real command line, run as users run it."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from tests.support import program


def servegen(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `servegen -C root` with these arguments."""
    return program.run(["-C", str(root), *arguments])


def doctor(root: Path) -> subprocess.CompletedProcess[str]:
    """Run `servegen -C root doctor` with git alone on PATH: to try the other programs takes most of the time."""
    git = shutil.which("git")
    assert git is not None
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as only:
        (Path(folder) / "git").symlink_to(git)
        only.setenv("PATH", folder)
        return servegen(root, "doctor")

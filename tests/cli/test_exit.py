"""The end of a run: what it leaves behind, who still has their say, and streams that were never open."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.support.clones import PLATFORM, service, write
from tests.support.on_path import install


def _python(folder: Path, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **variables}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=60)


def test_schemas_that_cannot_be_kept_are_removed(tmp_path: Path) -> None:
    root, temporary = tmp_path / "here", tmp_path / "temporary"
    write(root, {"services/platform.yaml": PLATFORM, "services/p/a/m-1.yaml": service("1")})
    write(tmp_path, {"file": "no folder"})
    temporary.mkdir()
    variables = {"XDG_CACHE_HOME": str(tmp_path / "file"), "TMPDIR": str(temporary)}
    done = _python(root, sys.executable, "-m", "generator", "validate", **variables)
    assert (done.returncode, done.stderr) == (0, "")
    assert list(temporary.iterdir()) == []


def test_a_profiler_reports_after_the_run(tmp_path: Path) -> None:
    done = _python(tmp_path, sys.executable, "-m", "cProfile", "-m", "generator", "--version")
    assert done.returncode == 0
    assert "function calls" in done.stdout


def test_a_closed_standard_output_is_no_error(tmp_path: Path) -> None:
    closed = ["sh", "-c", 'exec "$@" >&-', "sh"]
    done = _python(tmp_path, *closed, sys.executable, "-m", "generator", "--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
@pytest.mark.parametrize(
    "command",
    [["--version"], ["list", "services"], ["validate", "--output", "json"], ["schema", "service"]],
)
def test_an_output_that_cannot_be_written_is_one_message(command: list[str], tmp_path: Path) -> None:
    """The first command is a new process, also at its end."""
    write(tmp_path, {"services/platform.yaml": PLATFORM, "services/p/a/m-1.yaml": service("1")})
    full = ["sh", "-c", 'exec "$@" >/dev/full', "sh"]
    start = [sys.executable, "-m", "generator"] if command[0] == "list" else [str(install(tmp_path))]
    done = _python(tmp_path, *full, *start, *command)
    assert (done.returncode, done.stderr) == (3, "servegen: cannot write the output: No space left on device\n")

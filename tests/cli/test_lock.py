"""While another run writes the repository, commands that edit specs are refused, and read-only commands are not."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING

import pytest

from generator.repo.lock import exclusive
from tests.support import mlflowstore
from tests.support.clones import PLATFORM, write
from tests.support.command import servegen

if TYPE_CHECKING:
    from pathlib import Path

SPEC = """\
model: m
version: v{}
type: triton-server
command: run
host: m.example.com
environments:
  test: {{released: 2025-11-0{}T10:00:00Z}}
"""
REGISTRY = "versions:\n  v1: {path: /m/1}\n  v2: {path: /m/2}\n  v9: {path: /m/9, api: tfserving}\n"
EDITS = [
    "new m v3 --project p --type tfserving",
    "register p/m --path /m/3",
    "publish m v9",
    "deploy m-1 prod",
    "undeploy m-1 test",
    "rollback m.example.com test",
    "retire p/a --yes",
    "expose m-1",
    "import cube-studio {here}/rows.json",
    "import mlflow sqlite:///{here}/mlflow.db --project p",
]
LOOKS = ["deploy m-1 prod --dry-run", "list models", "path m v9"]


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with data to import and a repository with two rivals and a model registry file."""
    here = tmp_path_factory.mktemp("lock")
    shutil.copy(mlflowstore.shared(tmp_path_factory) / "mlflow.db", here)
    (here / "rows.json").write_text("{}", encoding="utf-8")
    specs = {f"services/p/a/m-{n}.yaml": SPEC.format(n, n) for n in (1, 2)}
    write(here / "models", {"services/platform.yaml": PLATFORM, "services/p/models/m.yaml": REGISTRY, **specs})
    return here


def _specs(root: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in (root / "services").rglob("*") if path.is_file()}


@pytest.mark.parametrize("command", EDITS)
def test_an_edit_is_refused(here: Path, command: str) -> None:
    root = here / "models"
    holder = f"process {os.getpid()}: servegen {' '.join(sys.argv[1:])}"[:1000].strip()
    before = _specs(root)
    with exclusive(root):
        done = servegen(root, *command.format(here=here).split())
    message = f"servegen: {root} is being written by {holder}\n  hint: try again when it has finished\n"
    assert (done.returncode, done.stdout, done.stderr) == (3, "", message)
    assert _specs(root) == before


@pytest.mark.parametrize("command", LOOKS)
def test_a_look_is_not(here: Path, command: str) -> None:
    with exclusive(here / "models"):
        done = servegen(here / "models", *command.split())
    assert (done.returncode, done.stderr) == (0, "")

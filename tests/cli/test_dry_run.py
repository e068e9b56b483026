"""With `--dry-run`, a command prints what it would do, and changes no file and no branch."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.support.command import servegen
from tests.support.prepared import minimal

_ROWS = [
    {
        "project_name": "public",
        "name": "m-1",
        "model_name": "m",
        "model_version": "v2",
        "service_type": "serving",
        "images": "example.com/m:1",
        "ports": "8080",
        "model_path": "/mnt/m/2",
    }
]
_FILES = {
    "services/p/models/m.yaml": "versions: {v1: {path: pvc://m/1/}}\n",
    "services/p/a/m-1.yaml": "model: m\nversion: v1\ntype: triton-server\nenvironments: {test: , prod: }\n",
    "rows.json": json.dumps(_ROWS),
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    minimal(tmp_path)
    for file, text in _FILES.items():
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(text, encoding="utf-8")
    _git(tmp_path, "init", "-q", "-b", "main")
    _git(tmp_path, "add", "services")
    _git(tmp_path, "-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-q", "-m", "specs")
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (["render"], "would create  rendered/p/a/base/m-1/kustomization.yaml"),
        (["expose", "m-1"], "services/p/a/m-1.yaml: id 1"),
        (["register", "p/m", "v2", "--path", "pvc://m/2/"], '"version": "v2"'),
        (["import", "cube-studio", "rows.json"], "would write services/public/m/m-2.yaml"),
        (["hydrate"], "environments/prod: would hold prod as of"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_a_dry_run_writes_nothing(root: Path, arguments: list[str], names: str) -> None:
    given = [str(root / value) if value.endswith(".json") else value for value in arguments]
    before = _state(root)
    done = servegen(root, *given, "--dry-run")
    assert done.returncode == 0, done.stderr
    assert names in done.stdout
    assert "dry run: nothing was written" in done.stdout + done.stderr
    assert _state(root) == before
    written = servegen(root, *given)
    assert written.returncode == 0, written.stderr
    assert _state(root) != before


def test_a_dry_run_of_a_registration_pushes_nothing(root: Path) -> None:
    done = servegen(root, "register", "p/m", "v2", "--path", "pvc://m/2/", "--dry-run", "--push")
    assert done.returncode == 2
    assert "--dry-run and --push contradict each other" in done.stderr


def _git(folder: Path, *arguments: str) -> str:
    return subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True, text=True).stdout


def _state(root: Path) -> tuple[dict[str, bytes], str]:
    """The content of all files outside of .git, and the refs."""
    paths = (path for path in root.rglob("*") if path.is_file() and ".git" not in path.parts)
    return {str(path): path.read_bytes() for path in paths}, _git(root, "for-each-ref")

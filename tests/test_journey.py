"""The README's journey, run exactly as written: from nothing to a released model on a remote, in seven commands."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.conftest import ROOT
from tests.support.clones import git

README: Final = ROOT / "README.md"
BLOCK: Final = re.compile(r"(<!-- journey -->\n```console\n)(.*?)(```\n)", re.DOTALL)
COMMIT: Final = re.compile(r"\b[0-9a-f]{9}\b")
TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def _stable(text: str) -> str:
    return TIME.sub("2026-11-24T12:00:00Z", COMMIT.sub("1a2b3c4d5", text))


def test_the_journey_of_the_readme(
    tmp_path: Path, kustomize: Path, monkeypatch: pytest.MonkeyPatch, rewrite: bool
) -> None:
    readme = README.read_text(encoding="utf-8")
    found = BLOCK.search(readme)
    assert found is not None
    commands = re.findall(r"^\$ (.*(?:\n>.*)*)", found[2], re.MULTILINE)
    assert len(commands) <= 7
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "Dev")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "dev@example.com")
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{kustomize.parent}", prepend=os.pathsep)
    git(tmp_path, "init", "-q", "--bare", "-b", "main", "models.git")
    shown, folder = "", tmp_path
    for command in commands:
        if command.startswith("cd "):
            folder /= command.removeprefix("cd ")
            shown += f"$ {command}\n"
            continue
        line = command.replace("\n>", "")
        done = subprocess.run(line, shell=True, cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, (command, done.stderr)
        shown += f"$ {command}\n{_stable(done.stdout + done.stderr)}"
    if rewrite:
        README.write_text(BLOCK.sub(lambda m: f"{m[1]}{shown}{m[3]}", readme), encoding="utf-8")
    else:
        assert found[2] == shown
    released = git(tmp_path / "models.git", "show", "main:services/vision/resnet50/resnet50-1.yaml")
    assert list(TIME.findall(released)) != []
    assert git(folder, "status", "--porcelain") == ""
    assert git(folder, "rev-parse", "HEAD") == git(tmp_path / "models.git", "rev-parse", "main")

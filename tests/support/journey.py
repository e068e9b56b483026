"""The README's tour: its commands, run as they are written."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import Final

import pytest

from tests.conftest import ROOT
from tests.support.clones import git
from tests.support.on_path import install
from tests.support.process_folder import process_folder

README: Final = ROOT / "README.md"
BLOCK: Final = re.compile(r"(<!-- journey -->\n```console\n)(.*?)(```\n)", re.DOTALL)
TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_COMMIT: Final = re.compile(r"\b[0-9a-f]{9}\b")


def written() -> str:
    """Return the tour as the README shows it."""
    found = BLOCK.search(README.read_text(encoding="utf-8"))
    assert found is not None
    return found[2]


def commands() -> list[str]:
    """Return the commands of the tour."""
    return re.findall(r"^\$ (.*(?:\n>.*)*)", written(), re.MULTILINE)


def travel(root: Path, kustomize: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, Path]:
    """Run the tour in an empty folder, and return what a terminal shows and the folder that it ends in.

    Commits and times in the text are replaced by those that the README shows.
    """
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "Dev")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "dev@example.com")
    programs = process_folder()
    install(programs)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{kustomize.parent}", prepend=os.pathsep)
    git(root, "init", "-q", "--bare", "-b", "main", "models.git")
    shown, folder = "", root
    for command in commands():
        if command.startswith("cd "):
            folder /= command.removeprefix("cd ")
            shown += f"$ {command}\n"
            continue
        line = command.replace("\n>", "")
        done = subprocess.run(line, shell=True, cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, (command, done.stderr)
        shown += f"$ {command}\n{_stable(done.stdout + done.stderr)}"
    return shown, folder


def _stable(text: str) -> str:
    return TIME.sub("2026-11-24T12:00:00Z", _COMMIT.sub("1a2b3c4d5", text))

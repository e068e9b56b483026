"""The README's journey, run exactly as written: from nothing to a released model on a remote, in seven commands."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.clones import git
from tests.support.journey import BLOCK, README, TIME, commands, travel, written


def test_the_journey_of_the_readme(
    tmp_path: Path, kustomize: Path, monkeypatch: pytest.MonkeyPatch, rewrite: bool
) -> None:
    assert len(commands()) <= 7
    shown, folder = travel(tmp_path, kustomize, monkeypatch)
    if rewrite:
        readme = README.read_text(encoding="utf-8")
        README.write_text(BLOCK.sub(lambda m: f"{m[1]}{shown}{m[3]}", readme), encoding="utf-8")
    else:
        assert written() == shown
    released = git(tmp_path / "models.git", "show", "main:services/flowers/iris/iris-1.yaml")
    assert list(TIME.findall(released)) != []
    assert git(folder, "status", "--porcelain") == ""
    assert git(folder, "rev-parse", "HEAD") == git(tmp_path / "models.git", "rev-parse", "main")

"""The state of a work tree, as the real Git reports it."""

from __future__ import annotations

import os
from pathlib import Path

from generator.core.programs.git import Git
from generator.repo.git.checkout import checkout, uncommitted_files
from tests.support.clones import git, identity, write


def test_uncommitted_files_are_found_without_a_lock(tmp_path: Path) -> None:
    """Git refreshes the index while it reads, under a lock that stays behind when the process is killed."""
    git(tmp_path, "init", "-q")
    identity(tmp_path)
    here = tmp_path / "fleet"
    write(here, {"services/same.yaml": "a\n", "services/moved.yaml": "b\n", "services/gone.yaml": "c\n", "x": "x\n"})
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "first")
    write(here, {"services/staged.yaml": "d\n", "services/new\u4e2d .yaml": "e\n", "x": "y\n"})
    git(here, "add", "services/staged.yaml")
    git(here, "mv", "services/moved.yaml", "services/to.yaml")
    (here / "services/gone.yaml").unlink()
    os.utime(here / "services/same.yaml", (0, 0))
    index = tmp_path / ".git" / "index"
    before = index.read_bytes()
    names = ["gone", "moved", "new\u4e2d ", "staged", "to"]
    assert uncommitted_files(Git(here), checkout(Git(here)), "services") == [f"services/{name}.yaml" for name in names]
    assert index.read_bytes() == before

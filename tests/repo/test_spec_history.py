"""The history of spec files: what each commit did to a service, and what is not read for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from generator.core.programs.git import Git
from generator.core.yaml import read
from generator.repo.spec_history import find_edits, read_spec_history
from tests.support.clones import git, write

if TYPE_CHECKING:
    from pathlib import Path

_FILE = "services/a/b/c.yaml"
_OTHER = "services/a/b/d.yaml"
_NEW = "model: m\nversion: v1\nenvironments:\n  test:\n"
_PROD = f"{_NEW}  prod:\n    replicas: 2\n"


def test_contents_of_the_work_tree_are_not_read_from_git(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    for text in (_PROD, _NEW, _PROD):
        write(tmp_path, {_FILE: text, _OTHER: text})
        git(tmp_path, "add", ".")
        git(tmp_path, "commit", "-q", "-m", "specs")
    name = git(tmp_path, "rev-parse", f"HEAD:{_FILE}").strip()
    (tmp_path / ".git" / "objects" / name[:2] / name[2:]).unlink()
    document, _ = read(_PROD.encode(), _FILE)
    assert document is not None
    found = read_spec_history(Git(tmp_path), find_edits(Git(tmp_path), "HEAD"), {_FILE: _PROD.encode()}, [document])
    assert {file: [commit.what for commit in commits] for file, commits in found.items()} == {
        _FILE: [("deploy c to prod",), ("undeploy c from prod",), ("add c in test, prod",)]
    }

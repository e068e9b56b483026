"""Lock files of a git that was killed: those of servegen's runs are deleted, and any other one is reported."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.clones import clone, committed, git, head, remote, service, write
from tests.support.command import servegen
from tests.support.prepared import copy_prepared

if TYPE_CHECKING:
    from pathlib import Path

LOCKS = ["index.lock", "HEAD.lock", "refs/heads/main.lock", "refs/remotes/origin/main.lock"]


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A clone with an edit, of a remote with a newer commit."""
    copy_prepared(tmp_path, _fill)
    git(tmp_path / "here", "remote", "set-url", "origin", str(tmp_path / "remote.git"))
    return tmp_path / "here"


def _fill(folder: Path) -> None:
    bare = remote(folder)
    here, there = clone(bare, "here"), clone(bare, "there")
    write(there, {"services/p/b/m-20.yaml": service("20", host="b.example.com")})
    committed(there, "--push")
    write(here, {"services/p/c/m-30.yaml": service("30", host="c.example.com")})


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_of_a_run_that_was_killed_is_deleted(here: Path, lock: str) -> None:
    file = here / ".git" / lock
    write(here, {f".git/{lock}": "", ".servegen/git": f"{file}\n"})
    done = servegen(here, "commit", "--push")
    assert done.returncode == 0, done.stderr
    assert f"removed {file}, left by a run that was killed" in done.stdout + done.stderr
    assert git(here, "ls-remote", "origin", "refs/heads/main").split()[0] == head(here)


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_of_another_git_is_reported(here: Path, lock: str) -> None:
    write(here, {f".git/{lock}": ""})
    done = servegen(here, "commit", "--push")
    assert done.returncode == 3
    assert f"another git is running here: found {here / '.git' / lock}" in done.stderr
    assert (here / ".git" / lock).exists()


def test_a_lock_of_a_push_is_deleted_by_a_commit_too(here: Path) -> None:
    file = here / ".git" / LOCKS[-1]
    write(here, {f".git/{LOCKS[-1]}": "", ".servegen/git": f"{file}\n"})
    assert servegen(here, "commit").returncode == 0
    assert not file.exists()


def test_no_other_file_of_the_note_is_deleted(here: Path, tmp_path: Path) -> None:
    write(tmp_path, {"mine.lock": "mine"})
    outside = here / ".git" / "refs" / "remotes" / ".." / ".." / ".." / ".." / "mine.lock"
    write(here, {".servegen/git": f"{tmp_path}/mine.lock\n{outside}\n"})
    assert servegen(here, "commit").returncode == 0
    assert (tmp_path / "mine.lock").exists()

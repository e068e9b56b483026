"""A servegen started by another repository's Git works on the repository given to it with -C.

Git exports GIT_DIR, GIT_INDEX_FILE and others to hooks, aliases and `rebase --exec`.
"""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.conftest import ROOT
from tests.support.clones import clone, git, head, identity, remote, service, write

# In each script, COMMIT is replaced by a servegen command that commits in the other repository.
PRE_COMMIT: Final = "echo COMMIT > .git/hooks/pre-commit; chmod +x .git/hooks/pre-commit; echo b > a; git commit -qam b"
LINKED: Final = "git worktree add -q ../linked -b linked; cd ../linked; "
POST_COMMIT: Final = (
    f"echo COMMIT > .git/hooks/post-commit; chmod +x .git/hooks/post-commit; {LINKED}echo b > a; git commit -qam b"
)
REBASE: Final = f"{LINKED}echo b > a; git commit -qam b; git rebase -q --exec COMMIT HEAD~1"
ALIAS: Final = f'{LINKED}git -c alias.release="!"COMMIT release'
POST_RECEIVE: Final = (
    "git init -q --bare ../bare; echo COMMIT > ../bare/hooks/post-receive; chmod +x ../bare/hooks/post-receive; "
    "git push -q ../bare HEAD"
)
PRE_RECEIVE: Final = POST_RECEIVE.replace("post-receive", "pre-receive")
WAYS: Final = {
    "pre-commit": PRE_COMMIT,
    "post-commit": POST_COMMIT,
    "rebase": REBASE,
    "alias": ALIAS,
    "post-receive": POST_RECEIVE,
    "pre-receive": PRE_RECEIVE,
}


@pytest.fixture
def training(tmp_path: Path) -> Path:
    """A repository of a user who trains models."""
    root = tmp_path / "training"
    root.mkdir()
    git(root, "init", "-q")
    identity(root)
    write(root, {"a": "a\n"})
    git(root, "add", "a")
    git(root, "commit", "-qm", "a")
    return root


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_git_of_another_repository_does_not_redirect_us(tmp_path: Path, training: Path, way: str) -> None:
    bare = remote(tmp_path)
    here = clone(bare, "here")
    before = head(here)
    write(here, {"services/p/b/m-2.yaml": service("2")})
    commit = shlex.join([sys.executable, "-m", "generator", "-C", str(here), "commit", "--push"])
    script = tmp_path / "script"
    write(tmp_path, {"commit": f"#!/bin/sh\nPYTHONPATH={shlex.quote(str(ROOT))} exec {commit}\n"})
    (tmp_path / "commit").chmod(0o755)
    write(tmp_path, {script.name: f"set -e\n{way.replace('COMMIT', str(tmp_path / 'commit'))}\n"})
    git(training, "-c", f"alias.run=!sh {script}", "run")
    assert git(here, "rev-parse", "HEAD^") == before
    assert git(here, "status", "--porcelain") == ""
    assert head(bare) == head(here)
    assert git(training, "log", "--all", "--format=", "--name-only").split() == ["a"] * (1 + ("git commit" in way))
    assert git(training, "status", "--porcelain") == ""

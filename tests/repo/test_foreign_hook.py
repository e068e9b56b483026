"""A servegen started by another repository's Git works on the repository given to it with -C.

Git exports GIT_DIR, GIT_INDEX_FILE and others to hooks, aliases and `rebase --exec`, and the author of its
commit to the hooks of a commit.
"""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.conftest import ROOT
from tests.support.clones import clone, committed, git, head, remote, service, write
from tests.support.on_path import install

# In each script, COMMIT is replaced by a servegen command that commits in the other repository.
PRE_COMMIT: Final = (
    "echo COMMIT > .git/hooks/pre-commit; chmod +x .git/hooks/pre-commit; echo b > a; "
    "git commit -qam b --date 2001-01-01T00:00:00Z"
)
LINKED: Final = "git worktree add -q ../linked -b linked; cd ../linked; "
POST_COMMIT: Final = (
    f"echo COMMIT > .git/hooks/post-commit; chmod +x .git/hooks/post-commit; {LINKED}echo b > a; git commit -qam b"
)
REBASE: Final = f"{LINKED}echo b > a; git commit -qam b; git rebase -q --exec COMMIT HEAD~1"
ALIAS: Final = f'{LINKED}git --icase-pathspecs -c alias.release="!"COMMIT release'
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
    git(root, "config", "user.name", "Trainer")
    git(root, "config", "user.email", "trainer@example.com")
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
    # A new process finds the variables before it imports anything; the others get them when they begin to run.
    start = (
        ["env", f"PYTHONPATH={ROOT}", sys.executable, "-m", "generator"] if way == PRE_COMMIT else [install(tmp_path)]
    )
    commit = shlex.join(map(str, [*start, "-C", here, "commit", "--push"]))
    script = tmp_path / "script"
    write(tmp_path, {"commit": f"#!/bin/sh\nexec {commit}\n"})
    (tmp_path / "commit").chmod(0o755)
    write(tmp_path, {script.name: f"set -e\n{way.replace('COMMIT', str(tmp_path / 'commit'))}\n"})
    git(training, "-c", f"alias.run=!sh {script}", "run")
    assert git(here, "rev-parse", "HEAD^") == before
    assert git(here, "status", "--porcelain") == ""
    assert head(bare) == head(here)
    author = git(here, "log", "-1", "--format=%an %ae %ad", "--date=format:%Y")
    assert author.startswith("Dev dev@example.com ")
    assert "2001" not in author
    assert git(training, "log", "--all", "--format=", "--name-only").split() == ["a"] * (1 + ("git commit" in way))
    assert git(training, "status", "--porcelain") == ""


def test_an_author_of_the_environment_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = clone(remote(tmp_path), "here")
    write(here, {"services/p/b/m-2.yaml": service("2")})
    author = {
        "GIT_AUTHOR_NAME": "Bot",
        "GIT_AUTHOR_EMAIL": "bot@example.com",
        "GIT_AUTHOR_DATE": "2002-02-02T00:00:00Z",
    }
    for name, value in author.items():
        monkeypatch.setenv(name, value)
    committed(here)
    assert git(here, "log", "-1", "--format=%an %ae %as") == "Bot bot@example.com 2002-02-02"

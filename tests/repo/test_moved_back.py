"""A remote that accepts a push and does not keep it: `commit --push` reads the branch again, and says what is true."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.clones import clone, git, head, remote, service, write
from tests.support.command import servegen

if TYPE_CHECKING:
    from pathlib import Path

_BACK = "while read old new ref; do git update-ref $ref $old; done"
_GONE = "while read old new ref; do git update-ref -d $ref; done"
_ON_TOP = (
    "while read old new ref; do "
    "git -c user.name=Dev -c user.email=dev@example.com commit-tree -p $new -m more $new^{tree} > made; "
    "git update-ref $ref $(cat made); done"
)


@pytest.mark.parametrize(("hook", "now"), [(_BACK, "is at {before}, which does not have it"), (_GONE, "is gone")])
def test_a_branch_that_is_moved_back_is_no_success(tmp_path: Path, hook: str, now: str) -> None:
    bare, work = _with_hook(tmp_path, hook)
    before = head(work)[:9]
    done = servegen(work, "commit", "--push")
    made = head(work)[:9]
    assert done.returncode == 3
    assert f"origin accepted {made}, but origin/main {now.format(before=before)}" in done.stderr
    assert f"the commit {made} is in this clone but not pushed" in done.stderr
    (bare / "hooks" / "post-receive").unlink()
    if hook == _BACK:
        assert servegen(work, "commit", "--push").returncode == 0
        assert head(bare, "main")[:9] == made


def test_a_commit_on_top_keeps_what_was_pushed(tmp_path: Path) -> None:
    bare, work = _with_hook(tmp_path, _ON_TOP)
    done = servegen(work, "commit", "--push")
    assert (done.returncode, done.stderr) == (0, "")
    assert git(bare, "merge-base", "main", head(work)) == head(work)
    assert head(bare, "main") != head(work)


def _with_hook(folder: Path, text: str) -> tuple[Path, Path]:
    """Return a remote with a post-receive hook, and a clone of it with one more service."""
    bare = remote(folder)
    hook = bare / "hooks" / "post-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    hook.chmod(0o755)
    work = clone(bare, "work")
    write(work, {"services/p/b/m-2.yaml": service("2", host="b.example.com")})
    return bare, work

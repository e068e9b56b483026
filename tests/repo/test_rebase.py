"""What the rebase of a clone leaves as it is."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from generator.core.programs.git import Git
from generator.repo.git.remote import Remote
from generator.repo.rebase import Rebase
from tests.support.clones import git, head, repository, service


def test_commits_that_are_on_top_of_the_tip_stay_as_they_are(tmp_path: Path) -> None:
    """Even a merge, as after a branch of the remote was moved back while this clone pushed."""
    root = repository(tmp_path, service("1"))
    start = head(root)
    git(root, "commit", "-q", "--allow-empty", "-m", "one")
    git(root, "switch", "-q", "--create", "side", start)
    git(root, "commit", "-q", "--allow-empty", "-m", "two")
    git(root, "merge", "-q", "main")
    with ExitStack() as stack:
        rebase = Rebase(Git(root), "", Remote("origin", "main"), stack)
        assert [rebase.onto(head(root, name), start) for name in ("main", "HEAD")] == [head(root, "main"), head(root)]

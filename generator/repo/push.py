"""HEAD published to a branch that others write too: on a race, our commits go on top of theirs, and it is tried again.

Whether a push lost a race is read from the remote's branch, not from what git says: that differs by version, server and
language. The clone follows only when the remote has taken the commits, so a run that stops leaves it as it was.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from generator.core.errors import ToolError, UsageError
from generator.render.app import ROOT as RENDERED
from generator.repo.git import objects as gitobjects
from generator.repo.git.backoff import pause
from generator.repo.rebase import rebase_onto
from generator.repo.worktree import note

if TYPE_CHECKING:
    from generator.core.programs.git import Git
    from generator.repo.git.checkout import Checkout

ATTEMPTS: Final = 60
_WHY: Final = "on top of the remote's branch"


@dataclass(frozen=True, slots=True)
class Remote:
    """A branch of a remote; None: the one that HEAD is on."""

    name: str
    branch: str | None

    @property
    def ref(self) -> str:
        """The branch, fully qualified."""
        return f"refs/heads/{self.branch}"


def destination(git: Git, here: Checkout, wanted: Remote) -> Remote:
    """Where HEAD goes. Raises UsageError when there is no such remote, or HEAD is on no branch and none is named."""
    if not git.ask("remote", "get-url", wanted.name):
        known = ", ".join(git.run("remote").text.split())
        hint = f"known remotes: {known}" if known else f"git remote add {wanted.name} <address>"
        raise UsageError(f"there is no remote {wanted.name}", hint=hint)
    branch = wanted.branch or here.branch
    if branch is None:
        raise UsageError(
            "HEAD is detached, so there is no branch to push to", hint="use --branch, such as --branch main"
        )
    if not git.ask("check-ref-format", f"refs/heads/{branch}"):
        raise UsageError(f"{branch} is not a valid branch name")
    return Remote(wanted.name, branch)


def push(git: Git, to: Remote, attempts: int) -> str:
    """Publish HEAD and move it along; the commit that the branch is at then.

    Raises RefusedError when our change and theirs have problems together, UsageError when they contradict each other,
    ToolError when the remote refuses for another reason than a race, or one is lost `attempts` times.
    """
    head = git.run("rev-parse", "HEAD").text
    for attempt in range(attempts):
        begin = time.monotonic()
        tip = _tip(git, to)
        if tip == head:
            return head
        commit = head if tip is None else rebase_onto(git, head, tip, f"{to.name}/{to.branch}")
        if commit != head:
            move(git, head, commit, really=False)
        done = commit == tip or git.push(to.name, f"{commit}:{to.ref}")
        if done:
            if commit != head:
                move(git, head, commit, really=True)
            return commit
        if _listed(git, to) == tip:
            raise ToolError(f"{to.name} rejected the push: {done.said}")
        pause(attempt, time.monotonic() - begin)
    raise ToolError(f"{to.name}/{to.branch} changed {attempts} times during the push", hint="run it again")


def _listed(git: Git, to: Remote) -> str | None:
    listed = git.run("ls-remote", to.name, to.ref).text.split()
    return listed[0] if listed else None


def _tip(git: Git, to: Remote) -> str | None:
    """The commit that the remote's branch is at, fetched; None when it has no such branch.

    That the commit is here says nothing about its files: a fetch that was killed may have left it alone. What HEAD has
    is whole, and git looks at all the rest when it is asked to fetch.
    """
    tip = _listed(git, to)
    if tip is not None and not git.ask("merge-base", "--is-ancestor", tip, "HEAD"):
        git.write("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", to.name, to.ref)
    return tip


def move(git: Git, head: str, commit: str, *, really: bool, why: str = _WHY) -> None:
    """Bring work tree, index and HEAD from one commit to another; not `really`: only see whether that is possible.

    `why` is what the reflog says. Raises ToolError when a file that is changed here, and not committed, is in the way.
    """
    if really:  # a run that is killed between two files leaves some of theirs here: the next one must know them
        theirs = gitobjects.entries(git, commit, RENDERED)
        note(git.folder, gitobjects.sha1_names(git, {entry.name for entry in theirs.values() if entry.regular}))
    trial = () if really else ("--dry-run",)
    done = git.try_write("read-tree", *trial, "-m", "-u", head, commit)
    if not done:
        hint = "commit or stash the changes, and run this again"
        raise ToolError(f"the remote changed files with uncommitted changes here: {done.said}", hint=hint)
    if really:
        git.write("update-ref", "-m", f"servegen: {why}", "HEAD", commit, head)

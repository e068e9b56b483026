"""Push HEAD to a branch that others write too: after a lost race, rebase onto the remote's branch and try again.

Pushes of one user from one machine queue up (see generator.repo.git.queue). A run that others wait for tries again at
once: its rivals are one from each other machine, and its next attempt takes less time than their first. If it waited,
all behind it would wait, while each rival of another machine finds the branch free. Other runs wait. Whether a push
lost a race is determined from the remote's branch, not from git's output, which differs by version, server and
language. After a push the branch is read again: a hook of the server, or another writer's forced push, may have taken
the commit off it. The clone moves to the rebased commits only after the remote has them, so an interrupted run leaves
the clone unchanged.
"""

from __future__ import annotations

import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Final

from generator.core.errors import ToolError
from generator.repo.git.backoff import pause
from generator.repo.git.moves import move
from generator.repo.git.queue import push_turn
from generator.repo.rebase import Rebase

if TYPE_CHECKING:
    from collections.abc import Collection

    from generator.core.programs.git import Git
    from generator.repo.git.checkout import Checkout
    from generator.repo.git.queue import Turn
    from generator.repo.git.remote import Remote

ATTEMPTS: Final = 60
_WHY: Final = "on top of the remote's branch"


def push(git: Git, here: Checkout, to: Remote, attempts: int, likely: Collection[bytes] = ()) -> str:
    """Push the commit of HEAD, move the clone to the pushed commit, and return that commit.

    `likely` are contents that many of the specs in both branches have, and that are not read from Git.
    Raises RefusedError if the local and the remote changes have errors together, UsageError if they contradict each
    other, and ToolError if the remote rejects the push for a reason other than a race, if it accepts it and the branch
    does not have the commit afterwards, or if `attempts` races are lost.
    """
    head = here.head
    assert head is not None
    with ExitStack() as stack, push_turn(f"{to.address} {to.ref}") as turn:
        commit = _land(Rebase(git, here.prefix, to, stack, likely), turn, head, attempts)
    if commit is None:
        return head
    _require_kept(git, to, commit)
    if commit != head:
        move(git, head, commit, dry_run=False, why=_WHY)
    return commit


def _land(rebase: Rebase, turn: Turn, head: str, attempts: int) -> str | None:
    """Push `head`, or its commits rebased, and return the pushed commit; None if the remote's branch is at `head`."""
    git, to = rebase.git, rebase.remote
    tip = _listed(git, to)
    for attempt in range(attempts):
        begin = time.monotonic()
        if tip == head:
            return None
        # After a lost race, the tip is mostly new to this clone.
        commit = head if tip is None or (attempt == 0 and _contains(git, head, tip)) else _rebase(rebase, head, tip)
        if commit != head:
            move(git, head, commit, dry_run=True, why=_WHY)
        done = commit == tip or git.push(to.name, f"{commit}:{to.ref}")
        if done:
            return commit
        before, tip = tip, _listed(git, to)
        if tip == before:
            raise ToolError(f"{to.name} rejected the push: {done.message}")
        if not turn.has_followers():
            pause(attempt, time.monotonic() - begin)
            tip = _listed(git, to)
    raise ToolError(f"{to} changed {attempts} times during the push", hint="run it again")


def _require_kept(git: Git, to: Remote, commit: str) -> None:
    """Raise ToolError unless the remote's branch has the commit that it accepted."""
    tip = _listed(git, to)
    if tip == commit:
        return
    if tip is not None:
        _fetch(git, to)
    if tip is None or not _contains(git, tip, commit):
        now = f"is at {tip[:9]}, which does not have it" if tip is not None else "is gone"
        hint = "a hook of the server or a forced push moved the branch back; ask who did before you push again"
        raise ToolError(f"{to.name} accepted {commit[:9]}, but {to} {now}", hint=hint)


def _listed(git: Git, to: Remote) -> str | None:
    listed = git.run("ls-remote", to.name, to.ref).text.split()
    return listed[0] if listed else None


def _contains(git: Git, head: str, tip: str) -> bool:
    return bool(git.ask("merge-base", "--is-ancestor", tip, head))


def _rebase(rebase: Rebase, head: str, tip: str) -> str:
    """Fetch the commit `tip` of the remote's branch, and rebase `head` onto it.

    The commit object alone is not enough: a fetch that was killed may have stored it without its files. Everything that
    HEAD contains is complete, and for all other commits git checks completeness when it fetches.
    """
    _fetch(rebase.git, rebase.remote)
    return rebase.onto(head, tip)


def _fetch(git: Git, to: Remote) -> None:
    git.write("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", to.name, to.ref)

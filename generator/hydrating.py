"""The branch of an environment, written: the rendered tree of a commit, without the work tree and its index.

Nothing is rendered here. What a commit holds below `rendered/` is what was reviewed, so that is what is promoted.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from generator import gitobjects
from generator.commitmessage import SOURCE
from generator.errors import ToolError
from generator.hydration import METADATA, PROPOSED, DryCommit, metadata, told_commit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.gitobjects import Details, Entry
    from generator.gitprogram import Git

# How Argo CD's hydrator says that a later commit of the specs gives the same: docs/user-guide/source-hydrator.md.
_NOTES: Final = f"refs/notes/{METADATA}"
_ATTEMPTS: Final = 10


@dataclass(frozen=True, slots=True)
class Target:
    """A branch to write: here, or on `remote`. `proposed`: the branch beside it, which a pull request merges."""

    active: str
    remote: str | None
    proposed: bool

    @property
    def branch(self) -> str:
        """The branch that gets the commit."""
        return f"{self.active}{PROPOSED}" if self.proposed else self.active


@dataclass(frozen=True, slots=True)
class Hydrated:
    """A branch and its tip after a run: `written`, or `unchanged`, or left at the specs of a `later` commit."""

    branch: str
    commit: str
    state: str


def hydrate(git: Git, prefix: str, dry: str, files: Mapping[str, Entry], repository: str, target: Target) -> Hydrated:
    """Bring a branch to `files` (path -> entry) as of the specs' commit `dry`; `prefix` is git's folder in the tree.

    Raises ToolError when git fails, or others write the branch again and again.
    """
    like = gitobjects.details(git, dry)
    text = metadata(_dry_commit(git, dry, like), repository)
    entry = gitobjects.Entry(gitobjects.FILE, gitobjects.stored(git, {METADATA: text.encode()})[METADATA])
    bare = gitobjects.edited_tree(git, None, prefix, files)
    tree = _with_metadata(git, bare, entry)
    for _ in range(_ATTEMPTS):
        tip = _tip(git, target, target.branch)
        held = _told(git, tip)
        if tip is not None and _later(git, dry, held):
            return Hydrated(target.branch, tip, "later")
        if tip is not None and _without_metadata(git, tip) == bare:
            if held != dry:
                _note(git, tip, dry, target.remote)
            return Hydrated(target.branch, tip, "unchanged")
        parent = tip or _tip(git, target, target.active)
        commit = gitobjects.made_commit(git, tree, parent, _message(git, like, dry))
        if _published(git, target, commit, tip):
            return Hydrated(target.branch, commit, "written")
    raise ToolError(f"{target.branch} was written by others {_ATTEMPTS} times in a row", hint="run it again")


def _dry_commit(git: Git, commit: str, like: Details) -> DryCommit:
    author = like.author
    date = git.run("log", "-1", "--no-show-signature", "--format=%aI", commit, "--").text
    subject, _, body = like.message.strip().partition("\n\n")
    name = f"{author['GIT_AUTHOR_NAME']} <{author['GIT_AUTHOR_EMAIL']}>"
    return DryCommit(commit, name, date, subject.replace("\n", " "), body)


def _message(git: Git, like: Details, dry: str) -> Details:
    trailer = ("--if-exists", "replace", "--trailer", f"{SOURCE}: {dry}")
    told = git.run("interpret-trailers", *trailer, stdin=like.message.encode("utf-8", "surrogateescape"))
    return gitobjects.Details(like.author, told.text)


def _with_metadata(git: Git, tree: str, entry: Entry) -> str:
    """The metadata lies at the top of the branch, wherever `rendered/` is."""
    return gitobjects.edited_tree(git, tree, "", {METADATA: entry})


def _without_metadata(git: Git, tip: str) -> str:
    return gitobjects.edited_tree(git, f"{tip}^{{tree}}", "", {METADATA: None})


def _tip(git: Git, target: Target, branch: str) -> str | None:
    """The commit that a branch is at, fetched; None when there is no such branch yet."""
    if target.remote is None:
        return git.ask("rev-parse", "--verify", "--quiet", f"refs/heads/{branch}^{{commit}}").text or None
    listed = git.run("ls-remote", target.remote, f"refs/heads/{branch}").text.split()
    if not listed:
        return None
    git.run("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", target.remote, listed[1])
    if git.ask("ls-remote", "--exit-code", target.remote, _NOTES):
        git.run("fetch", "--quiet", "--no-write-fetch-head", target.remote, f"+{_NOTES}:{_NOTES}")
    return listed[0]


def _told(git: Git, tip: str | None) -> str | None:
    """The commit of the specs that a branch stands for: what its note says, or its metadata."""
    if tip is None:
        return None
    for asked in (("notes", "--ref", _NOTES, "show", tip), ("cat-file", "blob", f"{tip}:{METADATA}")):
        answer = git.ask(*asked)
        told = told_commit(answer.out) if answer else None
        if told is not None:
            return told
    return None


def _later(git: Git, dry: str, held: str | None) -> bool:
    """Whether the branch is ahead of us: runs of a pipeline may end in another order than they began."""
    if held is None or held == dry:
        return False
    return bool(git.ask("merge-base", "--is-ancestor", dry, held))


def _note(git: Git, tip: str, dry: str, remote: str | None) -> None:
    git.run("notes", "--ref", _NOTES, "add", "--force", "-m", json.dumps({"drySha": dry}), tip)
    if remote is not None:
        git.run("push", "--quiet", "--no-verify", remote, f"{_NOTES}:{_NOTES}")


def _published(git: Git, target: Target, commit: str, tip: str | None) -> bool:
    """Move the branch from `tip` to the commit; False when others have moved it. Raises ToolError when git refuses."""
    ref = f"refs/heads/{target.branch}"
    if target.remote is None:
        done = git.ask("update-ref", "-m", "servegen hydrate", ref, commit, tip or "0" * len(commit))
    else:
        lease = f"--force-with-lease={ref}:{tip or ''}"
        done = git.ask("push", "--quiet", lease, target.remote, f"{commit}:{ref}")
    if not done and _tip(git, target, target.branch) == tip:
        raise ToolError(f"git cannot write {target.branch}: {done.said}")
    return bool(done)

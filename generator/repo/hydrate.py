"""Write the branch of an environment: the rendered tree of a commit, without using the work tree or its index.

Only `rendered/` and `hydrator.metadata` of the branch are replaced: it may have files of its own, such as CODEOWNERS.
Nothing is rendered here. The content of a commit below `rendered/` was reviewed, so exactly that content is promoted.

The branch and the note on its commit are updated together or not at all, and only if both are unchanged since they were
read; if another run updated them first, everything is read again. So many runs can write to one remote without a lock.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from generator.core.errors import ToolError, UsageError
from generator.render.app import ROOT as RENDERED
from generator.render.kustomize.config import is_generated
from generator.repo.commit_message import SOURCE
from generator.repo.deliverer_files import is_read_by_deliverers
from generator.repo.git import objects as gitobjects
from generator.repo.git.backoff import pause
from generator.repo.git.completeness import DEEPEN, is_shallow
from generator.repo.hydrator_metadata import METADATA, PROPOSED, DryCommit, metadata, note_text, parse_dry_commit
from generator.spec.files import ROOT as SPECS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.core.programs.git import Git, GitResult
    from generator.repo.git.objects import CommitDetails, TreeEntry

# Argo CD's hydrator records here that a later commit of the specs gives the same: docs/user-guide/source-hydrator.md.
_NOTES: Final = f"refs/notes/{METADATA}"
_ATTEMPTS: Final = 60


@dataclass(frozen=True, slots=True)
class HydrationTarget:
    """The branch to write: in this clone, or on `remote` if it is set.

    `proposed`: write the branch `<active>-next`, which a pull request merges into `active`. `back`: also write a commit
    of the specs that is earlier than the one that the branch is made from.
    """

    active: str
    remote: str | None
    proposed: bool
    back: bool = False

    @property
    def branch(self) -> str:
        """The branch that gets the commit."""
        return f"{self.active}{PROPOSED}" if self.proposed else self.active

    @property
    def refs(self) -> tuple[str, str, str]:
        """The branch that is written, the notes, and the branch that it starts from if it does not exist yet."""
        return f"refs/heads/{self.branch}", _NOTES, f"refs/heads/{self.active}"


@dataclass(frozen=True, slots=True)
class HydrationResult:
    """A branch and its commit after a run.

    `state` is `written`, `unchanged`, or `later`: the branch was not changed because it is made from a later commit of
    the specs, which gives something else.
    """

    branch: str
    commit: str
    state: str


def rendered_entries(git: Git, commit: str) -> dict[str, TreeEntry]:
    """Return the files below `rendered/` of a commit that servegen may have rendered, and no others."""
    entries = gitobjects.entries(git, commit, RENDERED)
    return {
        path: entry
        for path, entry in entries.items()
        if entry.regular and is_generated(path) and not is_read_by_deliverers(path)
    }


def hydrate(
    git: Git,
    prefix: str,
    dry: str,
    files: Mapping[str, TreeEntry],
    repository: str,
    target: HydrationTarget,
    *,
    dry_run: bool = False,
) -> HydrationResult:
    """Update a branch to `files` (path -> entry) of the specs' commit `dry`; `prefix` is git's folder in the tree.

    Other files of the branch are kept. A dry run moves no branch; the state `pending` means that it would be moved.

    Raises UsageError if the branch holds specs or is checked out. Raises ToolError if git fails, or if other runs
    update the branch first in every attempt.
    """
    for attempt in range(_ATTEMPTS):
        begin = time.monotonic()
        refs = _refs(git, target)
        tip, notes, active = (refs.get(ref) for ref in target.refs)
        start = tip or active
        _refuse_specs(git, tip, prefix, target.branch)
        held = _recorded(git, start, notes)
        tree = gitobjects.write_tree(git, _others(git, prefix, start), prefix, files)
        same = start is not None and _without_metadata(git, start) == tree
        if start is not None and not target.back and _later(git, dry, held, target.remote):
            return HydrationResult(target.branch, start, "unchanged" if same else "later")
        if tip is not None and same and held == dry:
            return HydrationResult(target.branch, tip, "unchanged")
        if dry_run:
            return HydrationResult(target.branch, start or dry, "pending")
        commit = start if start is not None and same else _commit(git, tree, start, dry, repository)
        done = _move(git, target, refs, commit, _noted(git, notes, commit, dry))
        if done:
            return HydrationResult(target.branch, commit, "unchanged" if same else "written")
        pause(attempt, time.monotonic() - begin)
        if _refs(git, target) == refs:
            raise ToolError(f"git cannot write {target.branch}: {done.message}")
    raise ToolError(f"{target.branch} was updated by others {_ATTEMPTS} times in a row", hint="run it again")


def _commit(git: Git, tree: str, parent: str | None, dry: str, repository: str) -> str:
    """Create a commit of the tree and its metadata, with the author and message of the specs' commit."""
    like = gitobjects.details(git, dry)
    message = like.message.encode("utf-8", "surrogateescape")
    trailer = ("--if-exists", "replace", "--trailer", f"{SOURCE}: {dry}")
    full = git.run("interpret-trailers", *trailer, stdin=message).text
    text = metadata(_dry_commit(git, dry, like), repository).encode("utf-8", "replace")
    return gitobjects.create_commit(
        git, _with(git, tree, METADATA, text), parent, gitobjects.CommitDetails(like.author, full)
    )


def _dry_commit(git: Git, commit: str, like: CommitDetails) -> DryCommit:
    author = like.author
    date = git.run("log", "-1", "--no-show-signature", "--format=%aI", commit, "--").text
    subject, _, body = like.message.strip().partition("\n\n")
    name = f"{author['GIT_AUTHOR_NAME']} <{author['GIT_AUTHOR_EMAIL']}>"
    message = like.message.encode("utf-8", "surrogateescape")
    trailers = git.run("interpret-trailers", "--parse", stdin=message).text.split("\n")
    return DryCommit(commit, name, date, subject.replace("\n", " "), body, tuple(trailers))


def _with(git: Git, tree: str | None, path: str, text: bytes) -> str:
    """Return the tree with a file added at its top level: the metadata is stored there, wherever `rendered/` is."""
    entry = gitobjects.TreeEntry(gitobjects.FILE, gitobjects.write_blobs(git, {path: text})[path])
    return gitobjects.write_tree(git, tree, "", {path: entry})


def _others(git: Git, prefix: str, start: str | None) -> str | None:
    """Return the tree of the files of a branch that are not written here; None if there is no branch."""
    if start is None:
        return None
    ours = dict.fromkeys(gitobjects.entries(git, start, RENDERED))
    return gitobjects.write_tree(git, _without_metadata(git, start), prefix, ours)


def _without_metadata(git: Git, commit: str) -> str:
    return gitobjects.write_tree(git, f"{commit}^{{tree}}", "", {METADATA: None})


def _refs(git: Git, target: HydrationTarget) -> dict[str, str]:
    """Return the commits of those refs that exist.

    Missing objects of a remote are fetched without moving a ref of the clone.
    """
    if target.remote is None:
        return _own_refs(git, target)
    while True:
        listed = git.run("ls-remote", target.remote, *target.refs).text.splitlines()
        found = {ref: commit for commit, ref in (line.split("\t") for line in listed) if ref in target.refs}
        if all(_has(git, commit) for commit in found.values()):
            return found
        options = ("--quiet", "--no-tags", "--no-write-fetch-head", "--refmap=")
        git.run("fetch", *options, target.remote, *found)


def _own_refs(git: Git, target: HydrationTarget) -> dict[str, str]:
    shown = git.run("for-each-ref", "--format=%(objectname) %(refname) %(worktreepath)", *target.refs).text
    found = {}
    for commit, ref, place in (line.split(" ", 2) for line in shown.splitlines()):
        if ref == target.refs[0] and place:
            hint = "check out another branch there, or write the remote branch with --push"
            raise UsageError(f"{target.branch} is checked out in {place}", hint=hint)
        if ref in target.refs:
            found[ref] = commit
    return found


def _has(git: Git, commit: str) -> bool:
    return bool(git.ask("cat-file", "-e", f"{commit}^{{commit}}"))


def _refuse_specs(git: Git, tip: str | None, prefix: str, branch: str) -> None:
    if tip is not None and git.ask("cat-file", "-e", f"{tip}:{prefix}{SPECS}"):
        hint = "set other branches with --branch; if the branch is for an environment, delete it first"
        raise UsageError(f"the branch {branch} has {prefix}{SPECS}/, which would be deleted", hint=hint)


def _recorded(git: Git, commit: str | None, notes: str | None) -> str | None:
    """Return the commit of the specs that a branch's commit was made from, as its note or its metadata records it."""
    if commit is None:
        return None
    for file in (*(f"{notes}:{path}" for path in _paths(git, notes, commit)), f"{commit}:{METADATA}"):
        answer = git.ask("cat-file", "blob", file)
        dry = parse_dry_commit(answer.out) if answer else None
        if dry is not None:
            return dry
    return None


def _paths(git: Git, notes: str | None, commit: str) -> list[str]:
    """Return the paths of a commit's note in the notes tree.

    Such a path is the commit's id, split into folders if there are many notes.
    """
    if notes is None:
        return []
    paths = git.run("ls-tree", "-r", "-z", "--name-only", "--full-tree", notes).text.split("\0")
    return [path for path in paths if path.replace("/", "") == commit]


def _noted(git: Git, notes: str | None, commit: str, dry: str) -> str:
    """Create a commit of the notes that records `dry` as the specs' commit of `commit`, and return its id."""
    others = gitobjects.write_tree(git, notes, "", dict.fromkeys(_paths(git, notes, commit)))
    tree = _with(git, others, commit, note_text(dry).encode())
    return gitobjects.create_commit(git, tree, notes, gitobjects.CommitDetails({}, "Notes added by servegen hydrate\n"))


def _later(git: Git, dry: str, held: str | None, remote: str | None) -> bool:
    """Whether the branch was made from a descendant of `dry`: pipeline runs may end in another order than they began.

    The clone may lack that later commit, so it is fetched; if the remote does not have it either, its history was
    rewritten.
    """
    if held is None or held == dry:
        return False
    if remote is not None and not _has(git, held):
        git.ask("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", remote, held)
    if git.ask("merge-base", "--is-ancestor", dry, held):
        return True
    if is_shallow(git) and not git.ask("merge-base", "--is-ancestor", held, dry):
        message = (
            f"this clone is shallow, so that the order of {dry[:9]} and {held[:9]}, which the branch has, is unknown"
        )
        raise ToolError(message, hint=f"run {DEEPEN} first: the branch must not go back by mistake")
    return False


def _move(git: Git, target: HydrationTarget, seen: Mapping[str, str], commit: str, notes: str) -> GitResult:
    """Move the branch and the notes from the commits in `seen` to these commits, or neither."""
    wanted = dict(zip(target.refs, (commit, notes), strict=False))
    if target.remote is None:
        lines = (f"update {ref} {new} {seen.get(ref, '0' * len(new))}\n" for ref, new in wanted.items())
        return git.ask("update-ref", "-m", "servegen hydrate", "--stdin", stdin="".join(lines).encode())
    leases = (f"--force-with-lease={ref}:{seen.get(ref, '')}" for ref in wanted)
    pushed = (f"{new}:{ref}" for ref, new in wanted.items())
    return git.push("--atomic", *leases, target.remote, *pushed)

"""Write the branch of an environment: the rendered tree of a commit, without using the work tree or its index.

Only `rendered/` and `hydrator.metadata` of the branch are replaced: it may have files of its own, such as CODEOWNERS.
Nothing is rendered here. The content of a commit below `rendered/` was reviewed, so exactly that content is promoted.

The branch and the note on its commit are updated together or not at all, and only if both are unchanged since they were
read; if another run updated them first, everything is read again. So many runs can write to one remote without a lock.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from generator.core.errors import ToolError, UsageError
from generator.render.files import ROOT as RENDERED
from generator.render.files import is_generated
from generator.repo.deliverer_files import is_read_by_deliverers
from generator.repo.git import objects as gitobjects
from generator.repo.git.backoff import pause
from generator.repo.git.completeness import DEEPEN, is_shallow
from generator.repo.git.objects import CommitDetails
from generator.repo.git.trees import write_tree
from generator.repo.hydrator_metadata import METADATA, PROPOSED, metadata, note_text, parse_dry_commit
from generator.spec.files import ROOT as SPECS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from generator.core.programs.git import Git, GitResult
    from generator.repo.git.objects import TreeEntry
    from generator.repo.specs_commit import SpecsCommit

# Argo CD's hydrator records here that a later commit of the specs gives the same: docs/user-guide/source-hydrator.md.
_NOTES: Final = f"refs/notes/{METADATA}"
_ATTEMPTS: Final = 60
_NOTE: Final = CommitDetails({}, "Notes added by servegen hydrate\n")


class HydrationTarget(Struct, frozen=True):
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


class HydrationResult(Struct, frozen=True):
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
    dry: SpecsCommit,
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
        noted = _notes_of(git, notes, start)
        held = _recorded(git, start, notes, noted)
        present = gitobjects.all_entries(git, start)
        wanted = _wanted(present, prefix, files)
        same = start is not None and wanted == {path: entry for path, entry in present.items() if path != METADATA}
        if start is not None and not target.back and _later(git, dry.id, held, target.remote):
            return HydrationResult(target.branch, start, "unchanged" if same else "later")
        if tip is not None and same and held == dry.id:
            return HydrationResult(target.branch, tip, "unchanged")
        if dry_run:
            return HydrationResult(target.branch, start or dry.id, "pending")
        commit = start if start is not None and same else _commit(git, start, present, wanted, dry, repository)
        old_notes = noted if commit == start else _notes_of(git, notes, commit)
        done = _move(git, target, refs, commit, _note(git, notes, old_notes, commit, dry))
        if done:
            return HydrationResult(target.branch, commit, "unchanged" if same else "written")
        pause(attempt, time.monotonic() - begin)
        if _refs(git, target) == refs:
            raise ToolError(f"git cannot write {target.branch}: {done.message}")
    raise ToolError(f"{target.branch} was updated by others {_ATTEMPTS} times in a row", hint="run it again")


def _wanted(present: Mapping[str, TreeEntry], prefix: str, files: Mapping[str, TreeEntry]) -> dict[str, TreeEntry]:
    """Return what a branch with the files `present` is to hold, without the metadata; paths are from the top."""
    ours = f"{prefix}{RENDERED}"
    others = {
        path: entry
        for path, entry in present.items()
        if path not in (METADATA, ours) and not path.startswith(f"{ours}/")
    }
    return {**others, **{f"{prefix}{path}": entry for path, entry in files.items()}}


def _commit(
    git: Git,
    parent: str | None,
    present: Mapping[str, TreeEntry],
    wanted: Mapping[str, TreeEntry],
    dry: SpecsCommit,
    repository: str,
) -> str:
    """Create a commit of the wanted files and the metadata, with the author and message of the specs' commit.

    The metadata is stored at the top level, wherever `rendered/` is.
    """
    edits: dict[str, TreeEntry | None] = dict.fromkeys(present.keys() - wanted.keys())
    edits |= dict(sorted(wanted.items() - present.items()))
    text = metadata(dry.facts, repository).encode("utf-8", "replace")
    edits[METADATA] = _blob(text, dry)
    tree = write_tree(git, parent, "", edits, [text])
    return gitobjects.create_commit(git, tree, parent, dry.details, signs=dry.signs)


def _blob(text: bytes, dry: SpecsCommit) -> TreeEntry:
    return gitobjects.TreeEntry(gitobjects.FILE, gitobjects.object_name(text, len(dry.id)))


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


def _recorded(git: Git, commit: str | None, notes: str | None, noted: Sequence[str]) -> str | None:
    """Return the commit of the specs that a branch's commit was made from, as its note or its metadata records it."""
    if commit is None:
        return None
    for file in (*(f"{notes}:{path}" for path in noted), f"{commit}:{METADATA}"):
        answer = git.ask("cat-file", "blob", file)
        dry = parse_dry_commit(answer.out) if answer else None
        if dry is not None:
            return dry
    return None


def _notes_of(git: Git, notes: str | None, commit: str | None) -> list[str]:
    """Return the paths of a commit's note in the notes tree.

    Such a path is the commit's id, split into folders if there are many notes.
    """
    if notes is None or commit is None:
        return []
    paths = git.run("ls-tree", "-r", "-z", "--name-only", "--full-tree", notes).text.split("\0")
    return [path for path in paths if path.replace("/", "") == commit]


def _note(git: Git, notes: str | None, old: Sequence[str], commit: str, dry: SpecsCommit) -> str:
    """Create a commit of the notes that records `dry` as the specs' commit of `commit`, and return its id.

    `old` are the paths of the notes that it replaces.
    """
    text = note_text(dry.id).encode()
    edits: dict[str, TreeEntry | None] = {**dict.fromkeys(old), commit: _blob(text, dry)}
    tree = write_tree(git, notes, "", edits, [text])
    return gitobjects.create_commit(git, tree, notes, _NOTE, signs=dry.signs)


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

"""Rebase local commits: merge specs by their content, and render `rendered/` again.

Each commit is checked in its rebased form, with the other side as its base, because two changes that are valid alone
may conflict. A work tree may hold several repositories of servegen: each one that a commit changes is merged, rendered
and checked. Nothing here touches the index or the work tree.
"""

from __future__ import annotations

import os
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field
from msgspec.structs import replace

from generator.core.errors import RefusedError, ToolError, UsageError
from generator.core.finding import prefix_paths
from generator.edit.merge import Conflict, merge_three_way
from generator.render.files import ROOT as RENDERED
from generator.repo import commit_message as commitmessage
from generator.repo.git import objects as gitobjects
from generator.repo.git.commit_tree import stale_files
from generator.repo.git.completeness import DEEPEN, is_shallow
from generator.repo.git.objects import FILE, CommitDetails, TreeEntry
from generator.repo.git.roots import find_roots
from generator.repo.git.trees import write_tree
from generator.repo.reverts import leave_out_reverts
from generator.repo.revisions import Revisions

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from contextlib import ExitStack

    from generator.core.programs.git import Git
    from generator.repo.git.remote import Remote


# How many paths one command gets: a command line has a limit.
_PATHS: Final = 200


class ContradictionError(UsageError):
    """Both sides changed the same value: a user has to decide, or the change is made again on top of the other."""


class _LocalCommit(Struct, frozen=True):
    """A local commit and its parent, with what a new commit takes from it.

    `changed` are the paths from the top that the commit changes, with their old and new entries. `roots` are the
    folders of the repositories of servegen that are rendered again; the first one is git's.
    """

    id: str
    parent: str
    details: CommitDetails
    changed: Mapping[str, tuple[TreeEntry | None, TreeEntry | None]]
    roots: tuple[str, ...]

    def root_of(self, path: str) -> str:
        """Return the innermost of the roots that hold a path; the first one if there is none."""
        return max((root for root in self.roots if path.startswith(root)), key=len, default=self.roots[0])


class _CommitSides(Struct, frozen=True):
    """A local commit, and the commit that it is rebased onto, that of `remote`. `revisions` reads git's own folder."""

    git: Git
    local: _LocalCommit
    theirs: str
    remote: Remote
    revisions: Revisions

    @property
    def ours(self) -> str:
        """The short id of the local commit."""
        return self.local.id[:9]


class _Edits(Struct):
    """What a new commit changes on the other side: entries by path from the top, and contents by the names of blobs."""

    entries: dict[str, TreeEntry | None] = field(default_factory=dict)
    contents: dict[str, bytes] = field(default_factory=dict)

    def write(self, path: str, mode: str, content: bytes, digits: int) -> None:
        """Add a file with a content; the names of blobs have `digits` digits."""
        name = gitobjects.object_name(content, digits)
        self.entries[path], self.contents[name] = TreeEntry(mode, name), content

    def below(self, root: str) -> dict[str, TreeEntry | None]:
        """Return the entries below a root, by path from there."""
        return {path.removeprefix(root): entry for path, entry in self.entries.items() if path.startswith(root)}


class Rebase(Struct):
    """The rebase of the commits of one clone, again for each attempt to push them. `prefix` is git's folder there.

    What an attempt reads of local commits, of templates and of specs is kept for the next one, which then reads and
    resolves only what is new on the other side. `likely` are contents that many specs of both sides have.
    """

    git: Git
    prefix: str
    remote: Remote
    stack: ExitStack
    likely: Collection[bytes] = ()
    _signs: bool | None = None
    _local: dict[str, _LocalCommit] = field(default_factory=dict)
    _revisions: dict[str, Revisions] = field(default_factory=dict)

    def onto(self, head: str, tip: str) -> str:
        """Rebase the commits of `head` that `tip`, that of the remote, lacks onto it, and return the last of them.

        Return `tip` if it already has all local changes, and `head` if that already has `tip`. Raises
        ContradictionError if both sides changed the same value, UsageError on a merge commit, RefusedError if both
        sides together have errors, and ToolError if the histories have no common commit.
        """
        options = ("--reverse", "--topo-order", "--parents", "--boundary")
        listed = [line.split() for line in self.git.run("rev-list", *options, f"{tip}..{head}").text.splitlines()]
        if any(id == f"-{tip}" for id, *_ in listed):
            return head
        commits = [(id, parents) for id, *parents in listed if not id.startswith("-")]
        if commits and len(commits) == len(listed):
            raise self._no_common_commit()
        for id, parents in commits:
            if len(parents) != 1:
                hint = f"merge by hand: {self.remote.pull}, servegen render"
                raise UsageError(f"{id[:9]} is a merge, which cannot be rebased onto {self.remote}", hint=hint)
            local = self._read_local(id, parents[0])
            own = self._read_root(self.git, local.roots[0])
            tip = self._again(_CommitSides(self.git, local, tip, self.remote, own))
        return tip

    def _no_common_commit(self) -> ToolError:
        hint = f"fetch the whole history: {DEEPEN}" if is_shallow(self.git) else "check that this is the right remote"
        return ToolError(f"this branch and {self.remote} have no common commit in this clone", hint=hint)

    def _read_local(self, id: str, parent: str) -> _LocalCommit:
        if id not in self._local:
            changed = gitobjects.changed_entries(self.git, parent, id)
            roots = (self.prefix, *find_roots(self.git, id, changed.keys(), self.prefix))
            self._local[id] = _LocalCommit(id, parent, gitobjects.details(self.git, id), changed, roots)
        return self._local[id]

    def _read_root(self, git: Git, root: str) -> Revisions:
        if root not in self._revisions:
            self._revisions[root] = Revisions(git, root, self.stack, self.likely)
        return self._revisions[root]

    def _again(self, sides: _CommitSides) -> str:
        """Rebase one commit, and return the new commit; the other commit if it already has all changes of this one."""
        edits = _edit_specs(sides)
        for root in sides.local.roots:
            self._render(sides, root, edits)
        if not edits.entries:
            return sides.theirs
        tree = write_tree(self.git, sides.theirs, "", edits.entries, edits.contents.values())
        if self._signs is None:
            self._signs = gitobjects.signs_commits(self.git)
        like = sides.local.details
        message = commitmessage.with_source(like.message, sides.local.parent, sides.theirs)
        new = CommitDetails(like.author, message)
        return gitobjects.create_commit(self.git, tree, sides.theirs, new, signs=self._signs)

    def _render(self, sides: _CommitSides, root: str, edits: _Edits) -> None:
        """Add to the edits how `rendered/` of a root differs from what its specs give.

        Raises RefusedError if the specs have errors.
        """
        revisions = self._revisions.get(root) or self._read_root(_git_in(sides, root), root)
        theirs = revisions.read(sides.theirs)
        merged = revisions.edit(theirs, edits.below(root), edits.contents)
        try:
            plan = revisions.repository(merged).plan(base=theirs.specs, thorough=True)
            found = leave_out_reverts(revisions.git.folder, plan.findings, sides.local.parent)
            plan = replace(plan, findings=tuple(found)).require_no_errors(merged.specs)
        except RefusedError as refused:
            raise _refusal(sides, root, refused, merged.specs) from None
        for path, content in stale_files(merged.entries(RENDERED), plan.files):
            if content is None:
                edits.entries[f"{root}{path}"] = None
            else:
                edits.write(f"{root}{path}", FILE, content, len(sides.theirs))


def _edit_specs(sides: _CommitSides) -> _Edits:
    """Return what the commit changed outside `rendered/`, merged with the other side's changes.

    Raises ContradictionError.
    """
    edits, conflicts = _Edits(), list[str]()
    changed = {path: entries for path, entries in sides.local.changed.items() if not _is_rendered(sides.local, path)}
    held = _entries(sides, changed)
    for path, (before, after) in changed.items():
        theirs = held.get(path)
        if theirs in (before, after):
            if theirs != after:
                edits.entries[path] = after
            continue
        text = _text(sides, path, before, after, theirs)
        if isinstance(text, list):
            conflicts += [_describe(path, conflict) for conflict in text]
        elif text is None:
            edits.entries[path] = None
        else:
            edits.write(path, (after or theirs or before or TreeEntry(FILE, "")).mode, text, len(sides.theirs))
    if conflicts:
        listed = "".join(f"\n  {line}" for line in conflicts)
        hint = f"{sides.remote.pull}, resolve services/ by hand, servegen render, git add, git rebase --continue"
        raise ContradictionError(f"{sides.ours} and {sides.remote} have conflicting changes:{listed}", hint=hint)
    return edits


def _is_rendered(local: _LocalCommit, path: str) -> bool:
    return path.startswith(f"{local.root_of(path)}{RENDERED}/")


def _entries(sides: _CommitSides, paths: Collection[str]) -> dict[str, TreeEntry]:
    """Return the entries of the other commit at these paths from the top."""
    found, asked = sides.revisions.find(sides.theirs, paths)
    wanted, listed = [f":(literal){path}" for path in asked], ""
    for at in range(0, len(wanted), _PATHS):
        command = ("ls-tree", "-z", "--full-tree", sides.theirs, "--", *wanted[at : at + _PATHS])
        listed += f"{sides.git.run(*command).text}\0"
    lines = (line.partition("\t") for line in listed.split("\0") if line)
    return found | {path: TreeEntry(facts.split()[0], facts.split()[2]) for facts, _, path in lines}


def _text(
    sides: _CommitSides, path: str, before: TreeEntry | None, after: TreeEntry | None, theirs: TreeEntry | None
) -> bytes | list[Conflict] | None:
    """Return the merge of a file that both sides changed; conflicts if there are any, None if the file is deleted."""
    entries = [before, after, theirs]
    if not all(entry is None or entry.regular for entry in entries):
        return [Conflict("a link or a submodule", None, None)]
    held = sides.revisions.contents({entry.name for entry in entries if entry})
    base, mine, other = (held[entry.name] if entry else None for entry in entries)
    return merge_three_way(
        path.removeprefix(sides.local.root_of(path)), base, mine, other, partial(_merged_lines, sides.git)
    )


def _merged_lines(git: Git, base: bytes, ours: bytes, theirs: bytes) -> bytes | None:
    """Return the lines merged as git does it, or None if they conflict. Source: git-merge-file(1)"""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / name for name in ("ours", "base", "theirs")]
        for path, text in zip(paths, (ours, base, theirs), strict=True):
            path.write_bytes(text)
        done = git.ask("merge-file", "--stdout", "--quiet", *map(str, paths))
        return done.out if done else None


def _describe(path: str, conflict: Conflict) -> str:
    here = [f"local line {conflict.ours.line}"] if conflict.ours and conflict.ours.line else []
    there = [f"remote line {conflict.theirs.line}"] if conflict.theirs and conflict.theirs.line else []
    return f"{path}: {', '.join([conflict.what, *here, *there])}"


def _git_in(sides: _CommitSides, root: str) -> Git:
    """Return git in the folder of a root. Raises UsageError if the work tree does not have it."""
    if root == sides.local.roots[0]:
        return sides.git
    folder = Path(sides.git.run("rev-parse", "--show-toplevel").text) / root
    if not folder.is_dir():
        hint = f"{sides.remote.pull}, servegen -C {root} render, git add, git rebase --continue"
        raise UsageError(f"{sides.ours} changes {root}, which is not in this work tree", hint=hint)
    return replace(sides.git, folder=folder)


def _refusal(sides: _CommitSides, root: str, refused: RefusedError, specs: Mapping[str, bytes]) -> RefusedError:
    """Return the error about findings in a root, with paths from git's folder."""
    message = f"{sides.ours} cannot be rebased onto {sides.remote}: together they have these findings"
    hint = f"{sides.remote.pull} fetches and applies {sides.remote}"
    own = sides.local.roots[0]
    if root == own:
        return RefusedError(refused.findings, specs, message, hint=hint)
    way = f"{os.path.relpath(f'/{root}', f'/{own}')}/"
    findings = [prefix_paths(way, finding) for finding in refused.findings]
    return RefusedError(findings, {f"{way}{path}": text for path, text in specs.items()}, message, hint=hint)

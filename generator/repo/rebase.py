"""Rebase local commits: merge specs by their content, and render `rendered/` again.

Each commit is checked in its rebased form, with the other side as its base, because two changes that are valid alone
may conflict. A work tree may hold several repositories of servegen: each one that a commit changes is merged, rendered
and checked. Nothing here touches the index or the work tree.
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from generator.core.errors import RefusedError, ToolError, UsageError
from generator.core.finding import prefix_paths
from generator.edit.merge import Conflict, merge_three_way
from generator.render.app import ROOT as RENDERED
from generator.repo import commit_message as commitmessage
from generator.repo.git import objects as gitobjects
from generator.repo.git.commit_tree import stale_files, temporary_tree
from generator.repo.git.completeness import DEEPEN, is_shallow
from generator.repo.git.objects import FILE, TreeEntry
from generator.repo.git.roots import find_roots
from generator.repo.repository import Repository
from generator.repo.reverts import leave_out_reverts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.core.programs.git import Git
    from generator.repo.git.remote import Remote


class ContradictionError(UsageError):
    """Both sides changed the same value: a user has to decide, or the change is made again on top of the other."""


@dataclass(frozen=True, slots=True)
class _CommitSides:
    """A local commit, its parent, and the commit that it is rebased onto, that of `remote`.

    `changed` are the paths from the top that the commit changes, with their old and new entries. `roots` are the
    folders of the repositories of servegen that are rendered again; the first one is git's.
    """

    git: Git
    roots: tuple[str, ...]
    parent: str
    ours: str
    theirs: str
    remote: Remote
    changed: Mapping[str, tuple[TreeEntry | None, TreeEntry | None]]

    def root_of(self, path: str) -> str:
        """Return the innermost of the roots that hold a path; the first one if there is none."""
        return max((root for root in self.roots if path.startswith(root)), key=len, default=self.roots[0])


def rebase_onto(git: Git, head: str, tip: str, remote: Remote) -> str:
    """Rebase the commits of `head` that `tip`, that of `remote`, lacks onto it, and return the last of them.

    Return `head` itself if it contains `tip`, and `tip` if that already has all local changes. Raises
    ContradictionError if both sides changed the same value, UsageError on a merge commit, RefusedError if both sides
    together have errors, and ToolError if the histories have no common commit.
    """
    if git.ask("merge-base", "--is-ancestor", tip, head):
        return head
    met = git.ask("merge-base", head, tip).text
    if not met:
        hint = f"fetch the whole history: {DEEPEN}" if is_shallow(git) else "check that this is the right remote"
        raise ToolError(f"this branch and {remote} have no common commit in this clone", hint=hint)
    prefix = git.run("rev-parse", "--show-prefix").text
    for line in git.run("rev-list", "--reverse", "--topo-order", "--parents", f"{met}..{head}").text.splitlines():
        ours, *parents = line.split()
        if len(parents) != 1:
            hint = f"merge by hand: {remote.pull}, servegen render"
            raise UsageError(f"{ours[:9]} is a merge, which cannot be rebased onto {remote}", hint=hint)
        changed = gitobjects.changed_entries(git, parents[0], ours)
        roots = (prefix, *find_roots(git, ours, changed.keys(), prefix))
        tip = _again(_CommitSides(git, roots, parents[0], ours, tip, remote, changed))
    return tip


def _again(sides: _CommitSides) -> str:
    """Rebase one commit, and return the new commit; the other commit if it already has all changes of this one."""
    git = sides.git
    tree = gitobjects.write_tree(git, sides.theirs, "", _edits(sides))
    for root in sides.roots:
        tree = gitobjects.write_tree(git, tree, root, _rendered(sides, root, tree))
    if tree == git.run("rev-parse", f"{sides.theirs}^{{tree}}").text:
        return sides.theirs
    like = gitobjects.details(git, sides.ours)
    message = commitmessage.with_source(like.message, sides.parent, sides.theirs)
    return gitobjects.create_commit(
        git, tree, sides.theirs, gitobjects.CommitDetails(like.author, message), signs=gitobjects.signs_commits(git)
    )


def _edits(sides: _CommitSides) -> dict[str, TreeEntry | None]:
    """Return what the commit changed outside `rendered/`, by path from the top, merged with the other side's changes.

    Raises ContradictionError.
    """
    git, edits, conflicts = sides.git, dict[str, TreeEntry | None](), list[str]()
    for path, (before, after) in sides.changed.items():
        if path.startswith(f"{sides.root_of(path)}{RENDERED}/"):
            continue
        theirs = _entry(git, sides.theirs, path)
        if theirs in (before, after):
            edits[path] = after
            continue
        text = _text(sides, path, before, after, theirs)
        if isinstance(text, list):
            conflicts += [_describe(path, conflict) for conflict in text]
        else:
            mode = (after or theirs or before or TreeEntry(FILE, "")).mode
            edits[path] = None if text is None else TreeEntry(mode, gitobjects.write_blobs(git, {path: text})[path])
    if conflicts:
        listed = "".join(f"\n  {line}" for line in conflicts)
        hint = f"{sides.remote.pull}, resolve services/ by hand, servegen render, git add, git rebase --continue"
        raise ContradictionError(f"{sides.ours[:9]} and {sides.remote} have conflicting changes:{listed}", hint=hint)
    return edits


def _entry(git: Git, commit: str, path: str) -> TreeEntry | None:
    listed = git.run("ls-tree", "-z", "--full-tree", commit, "--", f":(literal){path}").text
    if not listed:
        return None
    mode, _, name = listed.partition("\t")[0].split()
    return TreeEntry(mode, name)


def _text(
    sides: _CommitSides, path: str, before: TreeEntry | None, after: TreeEntry | None, theirs: TreeEntry | None
) -> bytes | list[Conflict] | None:
    """Return the merge of a file that both sides changed; conflicts if there are any, None if the file is deleted."""
    entries = [before, after, theirs]
    if not all(entry is None or entry.regular for entry in entries):
        return [Conflict("a link or a submodule", None, None)]
    held = gitobjects.read_blobs(sides.git, {entry.name for entry in entries if entry})
    base, mine, other = (held[entry.name] if entry else None for entry in entries)
    return merge_three_way(path.removeprefix(sides.root_of(path)), base, mine, other, partial(_merged_lines, sides.git))


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


def _rendered(sides: _CommitSides, root: str, tree: str) -> dict[str, TreeEntry | None]:
    """Return how `rendered/` of a root in the tree differs from what its specs give.

    Raises RefusedError if the specs have errors.
    """
    git = _git_in(sides, root)
    specs = gitobjects.specs(git, tree)
    try:
        with temporary_tree(git, tree) as folder:
            plan = Repository.at(folder, specs).plan(base=gitobjects.specs(git, sides.theirs), thorough=True)
        found = leave_out_reverts(git.folder, plan.findings, sides.parent)
        plan = replace(plan, findings=tuple(found)).require_no_errors(specs)
    except RefusedError as refused:
        raise _refusal(sides, root, refused, specs) from None
    wanted = dict(stale_files(git, tree, plan.files))
    fresh = {path: content for path, content in wanted.items() if content is not None}
    return {
        **dict.fromkeys(wanted),
        **{path: TreeEntry(FILE, name) for path, name in gitobjects.write_blobs(git, fresh).items()},
    }


def _git_in(sides: _CommitSides, root: str) -> Git:
    """Return git in the folder of a root. Raises UsageError if the work tree does not have it."""
    if root == sides.roots[0]:
        return sides.git
    folder = Path(sides.git.run("rev-parse", "--show-toplevel").text) / root
    if not folder.is_dir():
        hint = f"{sides.remote.pull}, servegen -C {root} render, git add, git rebase --continue"
        raise UsageError(f"{sides.ours[:9]} changes {root}, which is not in this work tree", hint=hint)
    return replace(sides.git, folder=folder)


def _refusal(sides: _CommitSides, root: str, refused: RefusedError, specs: Mapping[str, bytes]) -> RefusedError:
    """Return the error about findings in a root, with paths from git's folder."""
    message = f"{sides.ours[:9]} cannot be rebased onto {sides.remote}: together they have these findings"
    hint = f"{sides.remote.pull} fetches and applies {sides.remote}"
    if root == sides.roots[0]:
        return RefusedError(refused.findings, specs, message, hint=hint)
    way = f"{os.path.relpath(f'/{root}', f'/{sides.roots[0]}')}/"
    findings = [prefix_paths(way, finding) for finding in refused.findings]
    return RefusedError(findings, {f"{way}{path}": text for path, text in specs.items()}, message, hint=hint)

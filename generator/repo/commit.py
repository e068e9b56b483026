"""Render, validate and commit the specs and rendered files, and push them on request.

Every command that publishes specs ends in `commit`. Errors in the specs are raised as RefusedError with the findings
and the sources that a caller needs to print them; it has a message only if the errors appear on top of the remote's
branch.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from generator.core.errors import RefusedError, ServegenError, ToolError, UsageError
from generator.core.programs.git import Git
from generator.render.app import ROOT as RENDERED
from generator.repo import commit_message as commitmessage
from generator.repo import worktree
from generator.repo.git import objects as gitobjects
from generator.repo.git.checkout import checkout, uncommitted_files
from generator.repo.git.commit_tree import find_other_content
from generator.repo.git.locks import write_locks
from generator.repo.git.moves import move, repair
from generator.repo.lock import exclusive
from generator.repo.push import ATTEMPTS, Remote, destination, push
from generator.repo.repository import Repository
from generator.spec.files import ROOT as SPECS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from generator.repo.git.checkout import Checkout
    from generator.repo.worktree import Changes

_OURS: Final = (SPECS, RENDERED)
# Files in git's folder while an operation waits for the user. Source: gitrepository-layout(5), git-rebase(1)
_UNDER_WAY: Final = {
    "MERGE_HEAD": "merge",
    "CHERRY_PICK_HEAD": "cherry-pick",
    "REVERT_HEAD": "revert",
    "rebase-merge": "rebase",
    "rebase-apply": "rebase",
}


@dataclass(frozen=True, slots=True)
class CommitResult:
    """The result of a run. `commit` is None if nothing had changed; `changes` are sentences about the specs."""

    commit: str | None
    pushed: bool
    changes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PreparedCommit:
    """A commit that is not made yet: the rendered files, how the work tree differs from them, and the message.

    `changes` are sentences about the specs.
    """

    files: dict[str, str]
    tree: Changes
    changes: tuple[str, ...]
    message: str


def prepare(root: Path, git: Git, here: Checkout, subject: str | None = None) -> PreparedCommit:
    """Render and check the specs of the work tree; write nothing.

    Raises RefusedError with the findings. Raises UsageError if git waits for the user, or if templates/ has uncommitted
    changes: the commit would hold what they render, but not the templates themselves.
    """
    _ready(git, here)
    repository = Repository.open(root)
    specs = repository.specs
    before = gitobjects.specs(git, here.head)
    plan = repository.plan_worktree(base=before if here.head is not None else None)
    if plan.has_errors:
        raise RefusedError(plan.findings, specs)
    tree = worktree.compare(root, plan.files)
    lost = worktree.find_local_changes(root, plan.files, tree)
    if lost:
        raise RefusedError(lost, specs)
    what = commitmessage.changes(before, _as_git_has_it(git, here, before, specs))
    text = commitmessage.message(what, source=here.head, subject=subject)
    return PreparedCommit(plan.files, tree, tuple(str(change) for change in what), text)


def _as_git_has_it(
    git: Git, here: Checkout, before: Mapping[str, bytes], specs: Mapping[str, bytes]
) -> dict[str, bytes]:
    """Return the specs, with the content from HEAD for each file that git reports as unchanged.

    Such a file may have other line ends in the work tree than in the commit.
    """
    different = {file for file in before.keys() & specs.keys() if before[file] != specs[file]}
    if here.head is None or not different:
        return dict(specs)
    unchanged = different.difference(uncommitted_files(git, here, SPECS))
    return {**specs, **{file: before[file] for file in unchanged}}


def commit(
    root: Path,
    *,
    subject: str | None = None,
    push: bool = False,
    remote: str = "origin",
    branch: str | None = None,
    attempts: int = ATTEMPTS,
    log: Callable[[str], None] = lambda _: None,
) -> CommitResult:
    """Render, check and commit services/ and rendered/ of `root`, and nothing else; with `push`, also push the commit.

    Files that the user staged stay staged, and are not in the commit. With `push`, earlier local commits are pushed
    too; if the remote branch has moved in the meantime, the run does not fail (see generator.repo.push). `log` gets a
    line for each step. Raises RefusedError, UsageError, and ToolError with the output of git or a hook; the index is
    then restored.
    """
    with exclusive(root) as lock:
        git = Git(root, lock.descriptor)
        repair(git, log)
        here = checkout(git)
        to = destination(git, here, Remote(remote, branch)) if push else None
        ready = prepare(root, git, here, subject)
        with write_locks(root, here, log):
            worktree.write(root, ready.files, ready.tree)
            made = _made(git, here, ready)
        if made is not None:
            _require_rendered(git, here, made, ready.files)
            log(f"committed {made[:9]}: {ready.message.partition(chr(10))[0]}")
        if to is None:
            return CommitResult(made, False, ready.changes)
        with _kept(made):
            tip = _pushed(root, git, to, attempts, log)
        return CommitResult(made and tip, True, ready.changes)


def sync_with_remote(
    root: Path, *, branch: str | None = None, log: Callable[[str], None] = lambda _: None
) -> str | None:
    """Synchronise this clone with its branch of the remote, before a decision that depends on the clone's content.

    Earlier local commits are pushed; uncommitted changes are kept. Return the commit of HEAD, or None if there is none
    yet. Raises what `commit` raises.
    """
    with exclusive(root) as lock:
        git = Git(root, lock.descriptor)
        repair(git, log)
        here = checkout(git)
        to = destination(git, here, Remote("origin", branch))
        return _pushed(root, git, to, ATTEMPTS, log) if here.head is not None else None


def reset_to(root: Path, to: str, *, log: Callable[[str], None] = lambda _: None) -> None:
    """Move HEAD and the work tree back to the commit `to`, to drop a commit of this run that cannot be pushed."""
    with exclusive(root) as lock:
        git = Git(root, lock.descriptor)
        here = checkout(git)
        assert here.head is not None
        with write_locks(root, here, log):
            move(git, here.head, to, dry_run=False, why="taken back")


def _pushed(root: Path, git: Git, to: Remote, attempts: int, log: Callable[[str], None]) -> str:
    with write_locks(root, checkout(git), log):
        tip = push(git, to, attempts)
    log(f"{to.name}/{to.branch} is at {tip[:9]}")
    return tip


@contextmanager
def _kept(made: str | None) -> Iterator[None]:
    """Add to the hint of every error after a commit that the commit exists and how to push it."""
    try:
        yield
    except ServegenError as error:
        if made is not None:
            again = f"the commit {made[:9]} is in this clone but not pushed; `servegen commit --push` tries again"
            error.hint = f"{error.hint}; {again}" if error.hint else again
        raise


def _ready(git: Git, here: Checkout) -> None:
    for name, what in _UNDER_WAY.items():
        if (here.directory / name).exists():
            hint = f"finish it first: `git {what} --continue` or `git {what} --abort`"
            raise UsageError(f"a {what} is in progress in this repository", hint=hint)
    if git.run("ls-files", "--unmerged", "--", ".").text:
        raise UsageError(
            "this work tree has unmerged files", hint="`git status` lists them: resolve them, then `git add`"
        )
    if git.ask("config", "--get", "core.sparseCheckout"):
        _whole(git)
    changed = uncommitted_files(git, here, "templates")
    if changed:
        hint = "commit templates/ first: git add templates && git commit -- templates"
        what = f"{changed[0]} has uncommitted changes, and the commit would contain what it renders"
        raise UsageError(what, hint=hint)


def _whole(git: Git) -> None:
    """Raises UsageError if a sparse check-out omits files of the commit: they would be committed as deleted."""
    listed = git.run("ls-files", "-t", "-z", "--", *_OURS, "templates").text.split("\0")
    left = [entry.removeprefix("S ") for entry in listed if entry.startswith("S ")]
    if left:
        hint = "git sparse-checkout add services rendered templates, or git sparse-checkout disable"
        raise UsageError(f"{left[0]} is not checked out, but a commit needs the whole fleet", hint=hint)


def _made(git: Git, here: Checkout, ready: PreparedCommit) -> str | None:
    """Return the new commit, or None if nothing has changed."""
    with _index_kept(here.directory / "index"):
        _stage(git, ready.files)
        ours = [folder for folder in _OURS if _known(git, here, folder)]
        if not ours or (here.head and git.ask("diff", "--cached", "--quiet", "HEAD", "--", *ours)):
            return None
        command = ("commit", "--quiet", "--only", "--cleanup=whitespace", "--file=-", "--", *ours)
        git.write(*command, stdin=ready.message.encode("utf-8", "surrogateescape"))
        return git.run("rev-parse", "HEAD").text


def _require_rendered(git: Git, here: Checkout, made: str, files: Mapping[str, str]) -> None:
    """Raise ToolError if the commit's files are not those that were rendered; the commit is kept and not pushed."""
    wrong = find_other_content(git, made, files)
    if wrong:
        more = f" and {len(wrong) - 1} more" if len(wrong) > 1 else ""
        message = f"the commit {made[:9]} has other content than was rendered: {wrong[0]}{more}"
        undo = "git reset --quiet HEAD~1" if here.head else f"git update-ref -d HEAD; git rm -rqf --cached {RENDERED}"
        line = f"{RENDERED}/** -text -filter -ident -working-tree-encoding"
        hint = (
            f"attributes or a hook changed it. If `git check-attr --all -- {wrong[0]}` lists attributes, add the line "
            f"`{line}` at the end of .gitattributes. Then take the commit back with `{undo}`, "
            f"run `git add --renormalize {SPECS} {RENDERED}`, and commit again"
        )
        raise ToolError(message, hint=hint)


def _stage(git: Git, files: Mapping[str, str]) -> None:
    """Stage services/, and the files that servegen generates in rendered/.

    All generated files are staged, ignored ones too, because a rendered tree with a missing file is incomplete.
    """
    others = git.run("ls-files", "-z", "--others", "--", RENDERED).text.split("\0")
    fresh = "".join(f"{name}\0" for name in others if name in files)
    if fresh:
        git.write("add", "--force", "--pathspec-from-file=-", "--pathspec-file-nul", stdin=fresh.encode())
    git.write("add", "--all", "--", SPECS)
    if git.run("ls-files", "--", RENDERED).text:
        git.write("add", "--update", "--", RENDERED)


def _known(git: Git, here: Checkout, folder: str) -> bool:
    """Whether the index or HEAD has a file of the folder."""
    return bool(git.run("ls-files", "--", folder).text or gitobjects.entries(git, here.head, folder))


@contextmanager
def _index_kept(path: Path) -> Iterator[None]:
    """Restore the index if the body fails, so that a hook that rejects a commit changes nothing."""
    before = path.read_bytes() if path.exists() else None
    try:
        yield
    except ServegenError:
        if before is None:
            path.unlink(missing_ok=True)
        else:
            kept = path.with_name("index.servegen")
            kept.write_bytes(before)
            os.replace(kept, path)  # noqa: PTH105  # atomic, as in worktree
        raise

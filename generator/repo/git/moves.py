"""Move a clone to another commit, and repair the work tree after a move that was killed.

Git replaces a file by deleting it and writing the new one, and updates the index and HEAD at the end. So a git that was
killed can leave out a file, or leave a part of it: the next run would take this for an edit, and commit it. The commits
of a move are recorded in `.servegen/move` while it lasts.
"""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from generator.core.errors import ToolError
from generator.render.files import ROOT as RENDERED
from generator.repo.git import objects as gitobjects
from generator.repo.state import STATE, read_state, write_state
from generator.repo.worktree import remember_contents

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from generator.core.programs.git import Git
    from generator.repo.git.objects import TreeEntry

_NOTE: Final = "move"


def move(git: Git, head: str, commit: str, *, dry_run: bool, why: str) -> None:
    """Move work tree, index and HEAD from one commit to another; with `dry_run`, only check that this is possible.

    `why` is the text of the reflog entry. Raises ToolError if a file that would be overwritten has uncommitted local
    changes.
    """
    if dry_run:
        _read_tree(git, "--dry-run", "-m", "-u", head, commit)
        return
    # A run killed halfway leaves some of the remote's files: the next run must know their content.
    changed = gitobjects.changed_entries(git, head, commit, RENDERED)
    theirs = {new.name for _, new in changed.values() if new is not None and new.regular}
    blobs = gitobjects.sha1_names(git, theirs)
    remember_contents(git.folder, blobs)
    with _recorded(git.folder, head, commit):
        _read_tree(git, "-m", "-u", head, commit)
        git.write("update-ref", "-m", f"servegen: {why}", "HEAD", commit, head)


def repair(git: Git, log: Callable[[str], None]) -> None:
    """Restore the files of a move that was killed, as they were before it. This run must hold the repository's lock.

    Only files that are missing, or that hold the beginning of their new content, are changed. `log` gets a line for
    each of them. Raises ToolError.
    """
    note = read_state(git.folder, _NOTE)
    if note is None:
        return
    head, _, commit = note.partition(" ")
    exists = git.ask("rev-parse", "--verify", "--quiet", "--end-of-options", f"{commit}^{{commit}}")
    if exists and git.ask("rev-parse", "--verify", "--quiet", "HEAD").text == head:
        changed = gitobjects.changed_entries(git, head, commit)
        top = replace(git, folder=Path(git.run("rev-parse", "--show-toplevel").text))
        if not _is_staged(top, changed):
            _restore(top, changed, (head, commit), log)
    (git.folder / STATE / _NOTE).unlink()


def _read_tree(git: Git, *arguments: str) -> None:
    done = git.try_write("read-tree", *arguments)
    if not done:
        hint = "commit or stash the changes, and run this again"
        raise ToolError(f"the remote changed files with uncommitted changes here: {done.message}", hint=hint)


@contextmanager
def _recorded(root: Path, head: str, commit: str) -> Iterator[None]:
    write_state(root, _NOTE, f"{head} {commit}")
    yield
    # The note is kept if git fails: on a full disk, for example, git may have replaced some of the files.
    (root / STATE / _NOTE).unlink()


def _is_staged(git: Git, changed: Mapping[str, tuple[TreeEntry | None, TreeEntry | None]]) -> bool:
    """Whether the index already has the new entries: git writes it when all files of the work tree are complete."""
    fields = [line.partition("\t") for line in git.run("ls-files", "--stage", "-z").text.split("\0")]
    staged = {path: tuple(entry.split()[:2]) for entry, _, path in fields}
    return all(staged.get(path) == new for path, (_, new) in changed.items())


def _restore(
    git: Git,
    changed: Mapping[str, tuple[TreeEntry | None, TreeEntry | None]],
    commits: tuple[str, str],
    log: Callable[[str], None],
) -> None:
    head, commit = commits
    for path, (old, new) in changed.items():
        file = git.folder / path
        if not _is_incomplete(git, file, old, f"{commit}:{path}" if new is not None else None):
            continue
        if old is None:
            file.unlink()
        else:
            git.write("checkout-index", "--force", "--", path)
        log(f"restored {path} as it is in {head[:9]}: a run that was killed left it incomplete")


def _is_incomplete(git: Git, file: Path, old: TreeEntry | None, new: str | None) -> bool:
    """Whether git deleted the file, or wrote only the beginning of its content in the revision `new`."""
    if not file.exists():
        return old is not None
    if new is None or not file.is_file() or file.is_symlink():
        return False
    whole = git.run("cat-file", "--filters", new).out
    found = file.read_bytes()
    return found != whole and whole.startswith(found)

"""Two revisions of a repository for a comparison, each with its own specs and templates."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from functools import partial
from typing import TYPE_CHECKING

from msgspec import Struct

from generator import __version__
from generator.core.paths import templates_root
from generator.core.programs.beside import run_beside
from generator.core.programs.git import Git
from generator.repo.base_revision import base_revision
from generator.repo.git.commit_tree import temporary_tree
from generator.repo.git.objects import spec_contents, spec_entries
from generator.repo.path_conflicts import TEMPLATES
from generator.repo.recorded_version import recorded_version
from generator.repo.repository import Repository
from generator.repo.trailers import read_trailers
from generator.repo.worktree import find_root

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from generator.repo.base_revision import BaseRevision
    from generator.repo.git.objects import TreeEntry


class Compared(Struct, frozen=True):
    """The repository before and after a change, the names of both, and the commits; `end` is HEAD for the work tree.

    `wrote` is the version of servegen that wrote rendered/ of the base, if it is another one.
    """

    base: Repository
    head: Repository
    base_name: str
    head_name: str
    start: str
    end: str
    wrote: str
    git: Git

    @property
    def has_commits(self) -> bool:
        """Whether commits are part of the change: with HEAD as its base, the work tree has all of it."""
        return self.start != self.end

    def trailers(self, key: str) -> list[str]:
        """Return the values of a trailer in the commits between the two revisions."""
        return read_trailers(self.git, key, self.start, self.end)


@contextmanager
def compare_revisions(folder: Path, base: str | None, head: str | None) -> Iterator[Compared]:
    """Yield the repository that holds `folder` at two revisions; without `head`, the second is its work tree.

    `base` is as for `base_revision`. Raises UsageError if there is no such revision, ToolError if git cannot be used.
    """
    git = Git(find_root(folder))
    ask = run_beside(partial(_list_base, git, base, head))
    current = Repository.open(folder)
    start, listed = ask()
    with ExitStack() as stack:
        before = _at(stack, git, current, start.commit, listed)
        after = _at(stack, git, current, start.end, spec_entries(git, start.end)) if head is not None else current
        wrote = recorded_version(git, start.commit)
        named = f"{start.name} ({start.commit[:9]})" if not start.commit.startswith(start.name) else start.commit[:9]
        other = wrote if wrote != __version__ else ""
        yield Compared(before, after, named, head or "the work tree", start.commit, start.end, other, git)


def _list_base(git: Git, base: str | None, head: str | None) -> tuple[BaseRevision, dict[str, TreeEntry]]:
    """Return the base of a change, and its spec files."""
    start = base_revision(git, base, head)
    return start, spec_entries(git, start.commit)


def _at(stack: ExitStack, git: Git, current: Repository, commit: str, listed: Mapping[str, TreeEntry]) -> Repository:
    """Return the repository at a commit, which has these spec files.

    servegen's own repository ships its templates/ together with the code, so they come from the work tree there.
    """
    specs = spec_contents(git, listed, likely=current.specs.values())
    if (current.root / TEMPLATES).resolve() == templates_root().resolve():
        return Repository.at(current.root, specs)
    return Repository.at(stack.enter_context(temporary_tree(git, commit)), specs)

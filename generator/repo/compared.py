"""Two revisions of a repository for a comparison, each with its own specs and templates."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator import __version__
from generator.core.paths import templates_root
from generator.core.programs.git import Git
from generator.repo.base_revision import base_revision
from generator.repo.git import objects as gitobjects
from generator.repo.git.commit_tree import temporary_tree
from generator.repo.path_conflicts import TEMPLATES
from generator.repo.recorded_version import recorded_version
from generator.repo.repository import Repository
from generator.repo.trailers import read_trailers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Compared:
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
    current = Repository.open(folder)
    git = Git(current.root)
    start = base_revision(git, base, head)
    with ExitStack() as stack:
        before = _at(stack, git, current, start.commit)
        after = _at(stack, git, current, start.end) if head is not None else current
        wrote = recorded_version(git, start.commit)
        named = f"{start.name} ({start.commit[:9]})" if not start.commit.startswith(start.name) else start.commit[:9]
        other = wrote if wrote != __version__ else ""
        yield Compared(before, after, named, head or "the work tree", start.commit, start.end, other, git)


def _at(stack: ExitStack, git: Git, current: Repository, commit: str) -> Repository:
    """Return the repository at a commit.

    servegen's own repository ships its templates/ together with the code, so they come from the work tree there.
    """
    specs = gitobjects.specs(git, commit, likely=current.specs.values())
    if (current.root / TEMPLATES).resolve() == templates_root().resolve():
        return Repository.at(current.root, specs)
    return Repository.at(stack.enter_context(temporary_tree(git, commit)), specs)

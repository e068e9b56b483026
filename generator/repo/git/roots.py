"""The repositories of servegen in a commit: all of it, or folders of a monorepo."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.render.files import ROOT as RENDERED
from generator.repo.path_conflicts import TEMPLATES
from generator.spec.files import PLATFORM
from generator.spec.files import ROOT as SPECS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from generator.core.programs.git import Git

_FOLDERS: Final = (SPECS, TEMPLATES, RENDERED)


def find_roots(git: Git, commit: str, paths: Iterable[str], own: str) -> list[str]:
    """Return the folders, other than `own`, of the repositories that these paths of a commit are in, sorted.

    Paths are from the top, and a folder ends with a slash. A folder with a platform file that was never rendered, such
    as an example, is none.
    """
    candidates = {folder for path in paths for folder in _above(path)} - {own}
    return sorted(folder for folder in candidates if _is_root(git, commit, folder))


def _above(path: str) -> Iterator[str]:
    steps = path.split("/")
    for at, step in enumerate(steps[:-1]):
        if step in _FOLDERS:
            yield "".join(f"{name}/" for name in steps[:at])


def _is_root(git: Git, commit: str, folder: str) -> bool:
    needed = (f"{commit}:{folder}{PLATFORM}", f"{commit}:{folder}{RENDERED}")
    return all(git.ask("cat-file", "-e", name) for name in needed)

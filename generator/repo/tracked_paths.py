"""Paths in Git's index that do not belong there: files of `.servegen/` (F11), and submodules among our files (F08).

Files of `.servegen/` hold the state of one work tree, and would replace that of every clone. The files of a submodule
are in another repository: a commit holds only the name of one of its commits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.finding import Finding, Position
from generator.core.programs.git import Git
from generator.render.files import ROOT as RENDERED
from generator.repo.git import objects as gitobjects
from generator.repo.git.objects import SUBMODULE
from generator.repo.path_conflicts import TEMPLATES
from generator.repo.state import STATE
from generator.repo.submodule import report_submodule
from generator.spec.files import ROOT as SPECS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

# Source of the numbers: gitformat-index(5). The length of the header, and the last version that stores whole paths and
# aligns entries at 8 bytes; the mode is the seventh word of an entry. The extension of a split index has its size after
# its name, and starts with the id of an object.
_HEADER: Final = 12
_WHOLE_PATHS: Final = 3
_ALIGNED: Final = 8
_MODE: Final = 24
_SPLIT: Final = b"link"
_SHORTEST_ID: Final = 20
_SUBMODULE: Final = int(SUBMODULE, 8).to_bytes(4, "big")


def check_index(root: Path) -> list[Finding]:
    """Return the findings about the index of the work tree that holds `root`."""
    index = read_index(root)
    if index is None:
        return []
    return [*_state(root, index), *_submodules(root, index)]


def report_tracked_state(paths: Iterable[str]) -> list[Finding]:
    """Return one finding about those of `paths` that are in the state folder, or none."""
    names = sorted(path for path in paths if path == STATE or path.startswith(f"{STATE}/"))
    message = f"found {STATE}/ in Git, which holds the state of one work tree"
    hint = f"git rm -r --cached {STATE}"
    return [Finding("F11", message, Position(names[0]), hint, also=tuple(map(Position, names[1:])))] if names else []


def _state(root: Path, index: bytes) -> list[Finding]:
    """Return the finding if the index has files of the state folder: git is slow to start, so it is asked only then."""
    if not needs_git(index) and f"{STATE}/".encode() not in index:
        return []
    listed = Git(root).ask("ls-files", "-z", "--", STATE)
    return report_tracked_state(listed.text.split("\0")) if listed else report_tracked_state([STATE])


def _submodules(root: Path, index: bytes) -> list[Finding]:
    if not needs_git(index) and not _has_submodule(index):
        return []
    staged = gitobjects.staged_entries(Git(root), SPECS, TEMPLATES, RENDERED)
    return [report_submodule(path) for path, entry in staged.items() if entry.mode == SUBMODULE]


def _has_submodule(index: bytes) -> bool:
    at = index.find(_SUBMODULE)
    while at >= 0 and (at - _HEADER - _MODE) % _ALIGNED:
        at = index.find(_SUBMODULE, at + 1)
    return at >= 0


def needs_git(index: bytes) -> bool:
    """Return whether the index has a form that only git can read; so has one that cannot be read here."""
    return not index or int.from_bytes(index[4:8], "big") > _WHOLE_PATHS or _may_be_split(index)


def _may_be_split(index: bytes) -> bool:
    """Return whether the index may name another file with some of its entries; a path with `link` does not."""
    at = index.find(_SPLIT, _HEADER)
    while at >= 0:
        start = at + 2 * len(_SPLIT)
        if _SHORTEST_ID <= int.from_bytes(index[at + len(_SPLIT) : start], "big") <= len(index) - start:
            return True
        at = index.find(_SPLIT, start)
    return False


def read_index(root: Path) -> bytes | None:
    """Return the index, None if there is none, and nothing if it cannot be read."""
    git = next((folder / ".git" for folder in (root, *root.parents) if (folder / ".git").exists()), None)
    if git is None:
        return None
    try:
        folder = git if git.is_dir() else git.parent / git.read_text("utf-8").removeprefix("gitdir: ").rstrip("\n")
        return (folder / "index").read_bytes()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError):
        return b""

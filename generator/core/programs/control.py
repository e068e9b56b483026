"""What the repository under review controls: a change can add programs and caches to it, so none of them are used."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from msgspec import Struct


class _Control(Struct, frozen=True):
    """The repository that this process checks, and the entries of PATH that it controls."""

    repository: Path | None = None
    ignored: tuple[str, ...] = ()


_state = _Control()


def work_tree(folder: Path) -> Path:
    """Return the Git work tree that holds a folder, or the folder itself."""
    return next((path for path in (folder, *folder.parents) if (path / ".git").exists()), folder)


def restrict_path(repository: Path) -> None:
    """Remove from this process's PATH the folders in `repository`, and relative ones, which depend on the folder.

    All programs, and those that git starts for hooks and remotes, are then found elsewhere. The folder of the running
    Python is kept, as in a virtual environment in the repository: it decides anyway which code runs here.
    """
    global _state
    entries = os.environ.get("PATH", os.defpath).split(os.pathsep)
    kept = [entry for entry in entries if Path(entry).is_absolute() and not _contains(repository, Path(entry))]
    _state = _Control(repository, tuple(entry for entry in entries if entry not in kept))
    os.environ["PATH"] = os.pathsep.join(kept) or os.devnull  # an empty PATH would be the current folder


def user_cache() -> Path | None:
    """Return servegen's folder in the user's cache, or None if the repository controls it."""
    folder = _cache()
    return None if _state.repository is not None and _contains(_state.repository, folder) else folder


def explain_refusal(name: str) -> str:
    """Return where a program was found that is not run, and why; empty if there is none."""
    folders = [*_state.ignored, *([str(_cache() / "tools")] if user_cache() is None else [])]
    found = next((path for folder in folders if (path := shutil.which(name, path=folder or os.curdir))), None)
    if found is None or _state.repository is None:
        return ""
    named = Path(os.path.normpath(Path.cwd() / found))
    if not _contains(_state.repository, named):
        return f"found {named} by a relative entry of PATH: not run"
    shown = named.relative_to(_state.repository) if named.is_relative_to(_state.repository) else named
    return f"found {shown}, which the repository controls: not run"


def _cache() -> Path:
    from platformdirs import user_cache_path

    return user_cache_path("servegen").absolute()


def _contains(repository: Path, folder: Path) -> bool:
    """Whether a folder lies in the repository or behind a link of it; nothing lies in the root of all files."""
    if repository == Path(repository.anchor) or folder == Path(sys.executable).parent:
        return False
    named, top = os.path.normpath(folder), os.path.realpath(repository)
    if os.path.realpath(named) == named:  # there is no link on the way
        return Path(named).is_relative_to(top)
    return any(path.resolve().is_relative_to(top) for path in (Path(named), *Path(named).parents))

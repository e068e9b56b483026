"""Folders that one worker fills for all workers of a run, and of which each test gets a copy that it may change."""

from __future__ import annotations

import fcntl
import functools
import hashlib
import shutil
from typing import TYPE_CHECKING

from tests.support.command import servegen
from tests.support.shared_folder import shared_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable
    from pathlib import Path


def copy_prepared(folder: Path, fill: Callable[..., object], *arguments: Hashable) -> None:
    """Put into `folder` what `fill(folder, *arguments)` writes, which must hold no path of the folder."""
    shutil.copytree(_prepared(fill, *arguments), folder, symlinks=True, dirs_exist_ok=True)


def minimal(root: Path) -> None:
    """Create the repository of `servegen init --minimal`."""
    copy_prepared(root, _minimal)


def _minimal(folder: Path) -> None:
    done = servegen(folder, "init", "--minimal")
    assert done.returncode == 0, done.stderr


@functools.cache
def _prepared(fill: Callable[..., object], *arguments: Hashable) -> Path:
    place = shared_folder() / "prepared" / _name(fill, *arguments)
    filled = place / "filled"
    place.mkdir(parents=True, exist_ok=True)
    with (place / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not filled.exists():
            half = place / "half"
            shutil.rmtree(half, ignore_errors=True)
            half.mkdir()
            fill(half, *arguments)
            half.rename(filled)
    return filled


def _name(*parts: Hashable) -> str:
    """Return a name that is the same in all workers for the same functions and values, and another one for others."""
    named = [[getattr(part, name, repr(part)) for name in ("__module__", "__qualname__")] for part in parts]
    return hashlib.sha256(repr(named).encode()).hexdigest()

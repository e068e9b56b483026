"""Folders that each process of the tests fills once, and of which each test gets a copy that it may change."""

from __future__ import annotations

import functools
import shutil
from typing import TYPE_CHECKING

from tests.support.command import servegen
from tests.support.process_folder import process_folder

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
    folder = process_folder() / "prepared"
    folder.mkdir()
    fill(folder, *arguments)
    return folder

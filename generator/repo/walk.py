"""Walk over the folders of a work tree without following links."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from generator.core.errors import ToolError

# Marks the work tree of another repository: a folder, or a file in a submodule. Source: gitrepository-layout(5)
GIT: Final = ".git"

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    Entry = os.DirEntry[str]


def walk(root: Path, top: str, *, hidden: bool = False, levels: int | None = None) -> Iterator[tuple[str, Entry]]:
    """Yield everything below the folder `top` with its path from `root`, by default without what is hidden.

    `.git` is always yielded, but not entered. The folders of the level `levels` below `top` are not entered either.
    Yield nothing if there is no such folder. Raises ToolError if a folder cannot be read. pathlib would be ten times
    slower here.
    """
    waiting, start = [(top, 1)], str(root)
    while waiting:
        folder, level = waiting.pop()
        for entry in _entries(start, folder):
            if hidden or not entry.name.startswith(".") or entry.name == GIT:
                name = f"{folder}/{entry.name}"
                yield name, entry
                if level != levels and entry.name != GIT and entry.is_dir(follow_symlinks=False):
                    waiting.append((name, level + 1))


def _entries(root: str, folder: str) -> list[Entry]:
    try:
        with os.scandir(f"{root}/{folder}") as found:
            return sorted(found, key=lambda entry: entry.name)
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise ToolError(f"cannot read {folder[:200]}: {error.strerror}") from error

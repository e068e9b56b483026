"""The folder of the cache: it belongs to the user, and nobody else can write there.

Whoever can write into the folder decides what later runs render. So a folder of another user, or one that others can
write, is not used, and neither is a link in its place. Entries are opened relative to the folder that was checked.
"""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_OPEN: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_OTHERS_WRITE: Final = stat.S_IWGRP | stat.S_IWOTH


@contextmanager
def open_folder(path: Path, *, creates: bool = False) -> Iterator[int]:
    """Yield a descriptor of the folder `path`; with `creates`, create it and its parent if they are missing.

    Raises OSError if there is none, and PermissionError if `path` or its parent is not the user's alone: in the parent,
    another folder of the user could be put in the place of this one.
    """
    if creates:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.mkdir(mode=0o700, exist_ok=True)
    _require_own(os.lstat(path.parent), path.parent)
    descriptor = os.open(path, _OPEN)
    try:
        _require_own(os.fstat(descriptor), path)
        yield descriptor
    finally:
        os.close(descriptor)


def _require_own(found: os.stat_result, path: Path) -> None:
    if found.st_uid != os.geteuid():
        raise PermissionError(f"{path} belongs to another user")
    if stat.S_IMODE(found.st_mode) & _OTHERS_WRITE:
        raise PermissionError(f"{path} can be written by other users: check what is in it, then chmod go-w {path}")

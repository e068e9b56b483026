"""The lock that lets only one run at a time write a repository: an advisory lock on `.servegen/lock` (flock(2)).

The lock belongs to the open file, not to a process: a git process that servegen starts inherits the file
(`Lock.descriptor`), so that the next run waits for a git whose parent was killed. The kernel releases the lock when the
last process that has the file open ends, for whatever reason; an existing lock file alone does not mean that a run is
active.
"""

from __future__ import annotations

import fcntl
import os
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from generator.core.errors import ToolError
from generator.repo.state import open_state, remove_leftovers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_NAME: Final = "lock"
_held: Final[dict[Path, Lock]] = {}


class Lock(Struct, frozen=True):
    """The held lock of a repository. Pass `descriptor` as `pass_fds` to programs that write for this run."""

    descriptor: int


@contextmanager
def exclusive(root: Path) -> Iterator[Lock]:
    """Hold the lock of the repository `root` in the body. A process that holds it can take it again.

    Raises ToolError if another run holds the lock, with that run's process and command, and if the lock cannot be
    created.
    """
    root = root.resolve()
    if root in _held:
        yield _held[root]
        return
    descriptor = _opened(root)
    try:
        _take(descriptor, root)
        remove_leftovers(root)
        _held[root] = Lock(descriptor)
        yield _held[root]
    finally:
        _held.pop(root, None)
        os.close(descriptor)


def _opened(root: Path) -> int:
    try:
        return open_state(root, _NAME, os.O_RDWR | os.O_CREAT)
    except OSError as error:
        raise ToolError(f"cannot write {error.filename}: {error.strerror}") from error


def _take(descriptor: int, root: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.pread(descriptor, 1000, 0).decode("utf-8", "replace").strip() or "another run"
        raise ToolError(f"{root} is being written by {holder}", hint="try again when it has finished") from None
    command = " ".join(["servegen", *sys.argv[1:]])
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"process {os.getpid()}: {command}\n".encode("utf-8", "surrogateescape")[:1000], 0)

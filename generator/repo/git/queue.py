"""The queue of this user's pushes from one machine to one branch.

If several runs push at the same time, each of them renders again whenever another one was faster. In the queue, one
pushes after the other, about in the order in which they came. This only saves work: a run that cannot take part pushes
at once, and so does one that has waited for long, because the one before it may hang. Whose push is accepted is decided
by the remote alone, as between machines.

All runs lock one file in the user's cache, each branch at a place of its own (fcntl(2), advisory record locking): so no
file is left for each branch, and the kernel drops the lock when the process ends.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from contextlib import contextmanager, suppress
from threading import Thread
from typing import TYPE_CHECKING, Final

from generator.core.programs.control import user_cache
from generator.repo.cache.folder import open_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

_FILE: Final = "pushes"
_OPEN: Final = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
_LONGEST_SECONDS: Final = 60.0
# Bytes of a digest that give a place in the file, which may be far beyond its end.
_PLACE_BYTES: Final = 7


@contextmanager
def push_turn(branch: str, longest: float = _LONGEST_SECONDS) -> Iterator[None]:
    """Wait until no earlier run pushes to a branch, at most `longest` seconds, and let later ones wait in the body.

    `branch` is the address of a remote with the name of a branch there.
    """
    file = _opened()
    try:
        if file is not None:
            place = int.from_bytes(hashlib.sha256(branch.encode("utf-8", "surrogateescape")).digest()[:_PLACE_BYTES])
            # A lock can be waited for without limit only; if the file is closed before that ends, it is not taken.
            waiting = Thread(target=_lock, args=(file, place), daemon=True)
            waiting.start()
            waiting.join(longest)
        yield
    finally:
        if file is not None:
            os.close(file)


def _opened() -> int | None:
    """Return the open file; None if the user has no cache that nobody else controls."""
    cache = user_cache()
    with suppress(OSError):
        if cache is not None:
            with open_folder(cache, creates=True) as folder:
                return os.open(_FILE, _OPEN, 0o600, dir_fd=folder)
    return None


def _lock(file: int, place: int) -> None:
    with suppress(OSError):  # a file system without locks
        fcntl.lockf(file, fcntl.LOCK_EX, 1, place)

"""The queue of this user's pushes from one machine to one branch.

If several runs push at the same time, each of them renders again whenever another one was faster. In the queue, one
pushes after the other, in the order in which they came. This only saves work: a run that cannot take part pushes at
once, and so does one that has waited for long, because the one before it may hang. Whose push is accepted is decided by
the remote alone, as between machines.

All runs lock parts of one file in the user's cache (fcntl(2), advisory record locking): so no file is left for each
branch, and the kernel drops the locks when a process ends. Each branch has a range of bytes, in which each run locks
the one that stands for the time when it came, and then waits for all before it. A lock that all wait for would not do:
the kernel wakes all of them, and gets them in no order.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import time
from contextlib import contextmanager, suppress
from threading import Thread
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from generator.core.programs.control import user_cache
from generator.repo.cache.folder import open_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

_FILE: Final = "pushes"
_OPEN: Final = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
_LONGEST_SECONDS: Final = 60.0
# Runs that come in one millisecond.
_MOST: Final = 1000
# Bits of a digest that choose the range of a branch, which is far beyond the end of the file, and bits of a time in
# milliseconds in it. Together they are an offset in a file, which has 63.
_BRANCH_BITS: Final = 24
_TIME_BITS: Final = 38


class Turn(Struct, frozen=True):
    """The turn of a run: its byte `place` in the range of a branch, which begins at `start`.

    If it has no place in the queue, `place` is `start`, and `file` may be None. `started` says whether all runs that
    came before have ended.
    """

    file: int | None
    start: int
    place: int
    started: bool

    def has_followers(self) -> bool:
        """Return whether other runs wait for the end of this one."""
        # The byte of this millisecond is left free for a run that comes now.
        behind = self.start + _now() - self.place - 1
        if self.file is None or not self.started or self.place == self.start or behind < 1:
            return False
        try:
            fcntl.lockf(self.file, fcntl.LOCK_SH | fcntl.LOCK_NB, behind, self.place + 1)
        except OSError:
            return True
        fcntl.lockf(self.file, fcntl.LOCK_UN, behind, self.place + 1)
        return False


@contextmanager
def push_turn(branch: str, longest: float = _LONGEST_SECONDS) -> Iterator[Turn]:
    """Wait until no earlier run pushes to a branch, at most `longest` seconds, and let later ones wait in the body.

    `branch` is the address of a remote with the name of a branch there.
    """
    file, start = _opened(), _start(branch)
    try:
        if file is None:
            yield Turn(None, start, start, started=False)
            return
        place = _take_place(file, start)
        # A lock can be waited for without limit only; if the file is closed before that ends, it is not taken.
        waiting = Thread(target=_wait, args=(file, start, place), daemon=True)
        waiting.start()
        waiting.join(longest)
        yield Turn(file, start, place, started=not waiting.is_alive())
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


def _start(branch: str) -> int:
    """Return the first byte of a branch."""
    digest = hashlib.sha256(branch.encode("utf-8", "surrogateescape")).digest()
    return int.from_bytes(digest[:8]) >> (64 - _BRANCH_BITS) << _TIME_BITS


def _now() -> int:
    """Return the time in milliseconds, which all processes of a machine share."""
    return time.monotonic_ns() // 10**6 % (1 << _TIME_BITS)


def _take_place(file: int, start: int) -> int:
    """Lock the byte of this moment, or the next free one if another run has come just now, and return it.

    Return `start`, before which there is nobody, if no byte can be locked.
    """
    place = start + _now()
    for later in range(_MOST):
        with suppress(OSError):
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, place + later)
            return place + later
    return start


def _wait(file: int, start: int, place: int) -> None:
    """Wait until no run has a byte of the branch before this place; those that come later wait for the place."""
    if place > start:
        with suppress(OSError):  # a file system without locks
            fcntl.lockf(file, fcntl.LOCK_SH, place - start, start)

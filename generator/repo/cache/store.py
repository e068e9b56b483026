"""Results of earlier runs as files, each named by the digest of what it depends on.

An entry is never changed in place: it is written under another name and renamed, so that concurrent and killed runs
leave whole entries or none. Each begins with its own digest, so an entry that a disk has damaged is none. Nothing here
raises an exception: without a cache, a run takes longer.
"""

from __future__ import annotations

import hashlib
import os
import stat
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final, NamedTuple

from msgspec import Struct

from generator.repo.cache.folder import open_folder
from generator.repo.writing import write_whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

# The names of entries that are being written begin with this.
_NEXT: Final = "next-"
# An entry being written that is older than this belongs to a run that was killed.
_LEFT_AFTER_SECONDS: Final = 3600
# The time of an entry says when it was last used, to this precision: most runs then write nothing.
_USED_SECONDS: Final = 24 * 3600
_DIGEST_BYTES: Final = 32
_READ: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_CREATE: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class _Entry(NamedTuple):
    """A file of the cache: when it was last used, its size in bytes, and its name."""

    used: float
    size: int
    name: str


class ResultStore(Struct, frozen=True):
    """The entries in `folder`. Those that were not used for longest are deleted when they exceed `limit` bytes.

    Keys are hexadecimal digests. To look at all entries of a full folder takes longer than to plan after an edit, so
    that is done only with one key of 16.
    """

    folder: Path
    limit: int

    def read(self, keys: Iterable[str]) -> dict[str, bytes]:
        """Return the content of each entry that there is, by its key."""
        with suppress(OSError), open_folder(self.folder) as folder:
            now = time.time()
            return {key: content for key in keys if (content := _read(folder, key, now)) is not None}
        return {}

    def write(self, entries: Mapping[str, bytes]) -> None:
        """Write entries (key -> content), then with some of the keys delete old ones if there are too many."""
        with suppress(OSError), open_folder(self.folder, creates=True) as folder:
            for key, content in entries.items():
                _write(folder, key, content)
            if any(key.startswith("0") for key in entries):
                _shrink(folder, self.limit)

    def measure(self) -> tuple[int, int]:
        """Return the number of files and the sum of their sizes in bytes. Raises what `open_folder` raises."""
        with open_folder(self.folder) as folder:
            sizes = [entry.size for entry in _entries(folder)]
        return len(sizes), sum(sizes)

    def clear(self) -> None:
        """Delete all entries. Raises what `open_folder` raises."""
        with open_folder(self.folder) as folder:
            _delete(folder, (entry.name for entry in _entries(folder)))


def _read(folder: int, key: str, now: float) -> bytes | None:
    try:
        descriptor = os.open(key, _READ, dir_fd=folder)
        with os.fdopen(descriptor, "rb", buffering=0) as file:
            found = os.fstat(descriptor)
            content = file.read() if stat.S_ISREG(found.st_mode) else b""
            _note_use(descriptor, found.st_mtime, now)
    except OSError:
        return None
    if content[:_DIGEST_BYTES] == _digest(key, content[_DIGEST_BYTES:]):
        return content[_DIGEST_BYTES:]
    _delete(folder, [key])
    return None


def _note_use(descriptor: int, used: float, now: float) -> None:
    if used < now - _USED_SECONDS:
        with suppress(OSError):  # a file system that nobody can write
            os.utime(descriptor)


def _write(folder: int, key: str, content: bytes) -> None:
    name = f"{_NEXT}{os.urandom(8).hex()}"
    descriptor = os.open(name, _CREATE, 0o600, dir_fd=folder)
    try:
        with os.fdopen(descriptor, "wb", buffering=0) as file:
            write_whole(file, _digest(key, content) + content)
        os.rename(name, key, src_dir_fd=folder, dst_dir_fd=folder)
    except BaseException:
        _delete(folder, [name])
        raise


def _digest(key: str, content: bytes) -> bytes:
    """Return the digest of an entry; the key is in it, so that a renamed entry is none."""
    return hashlib.sha256(key.encode() + b"\0" + content).digest()


def _shrink(folder: int, limit: int) -> None:
    """Delete what killed runs left; above the limit, delete entries down to three quarters of it."""
    entries = sorted(_entries(folder))
    killed = time.time() - _LEFT_AFTER_SECONDS
    _delete(folder, (entry.name for entry in entries if entry.name.startswith(_NEXT) and entry.used < killed))
    total = sum(entry.size for entry in entries)
    if total <= limit:
        return
    for entry in entries:
        if total <= limit * 3 // 4:
            return
        _delete(folder, [entry.name])
        total -= entry.size


def _entries(folder: int) -> Iterator[_Entry]:
    with os.scandir(folder) as found:
        for entry in found:
            with suppress(FileNotFoundError):  # another run has deleted it
                state = entry.stat(follow_symlinks=False)
                yield _Entry(state.st_mtime, state.st_size, entry.name)


def _delete(folder: int, names: Iterable[str]) -> None:
    for name in names:
        with suppress(OSError):
            os.unlink(name, dir_fd=folder)

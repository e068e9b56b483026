"""The state of files, which is found sooner than what they contain, and a digest of their contents."""

from __future__ import annotations

import hashlib
import os
import stat
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from generator.repo.cache.store import ResultStore

_COMPILED: Final = "__pycache__"
COARSE_SECONDS: Final = 2
"""How long the state of a file may stay the same although it has changed: some file systems have such times."""


PathFacts = tuple[int, int, int, int, int]
"""Mode, size, inode, and the times of modification and of change in nanoseconds."""


def path_facts(path: str) -> PathFacts:
    """Return what differs after any change of what is at a path. Raises OSError."""
    found = os.lstat(path)
    return found.st_mode, found.st_size, found.st_ino, found.st_mtime_ns, found.st_ctime_ns


def settle_time(started: float) -> float:
    """Return the time, in nanoseconds, from which on a change before `started`, in seconds, may be hidden."""
    return (started - COARSE_SECONDS) * 10**9


class FileState(NamedTuple):
    """A path below a folder, and what differs after any change of the file."""

    path: str
    mode: int
    size: int = 0
    inode: int = 0
    modified: int = 0
    changed: int = 0


State = tuple[tuple[str, tuple[FileState, ...]], ...]


def has_change_since(state: State, since: float) -> bool:
    """Return whether a file has changed since a time, in seconds."""
    return any(file.changed > since * 1e9 for _, files in state for file in files)


def known_digest(state: State, store: ResultStore, started: float) -> str:
    """Return `content_digest` of this state, which the store has once a run has read the files.

    That takes a quarter of the time. As in Git's index, the state of a file that was changed shortly before `started`,
    when this process began, says nothing.
    """
    if has_change_since(state, started - COARSE_SECONDS):
        return content_digest(state)
    key = hashlib.sha256(f"content {state!r}".encode("utf-8", "surrogatepass")).hexdigest()
    known = store.read([key]).get(key)
    if known is not None:
        return known.decode()
    content = content_digest(state)
    store.write({key: content.encode()})
    return content


def read_state(roots: Iterable[str]) -> State:
    """Return the state of all files below some folders. Raises OSError."""
    return tuple((root, () if Path(root).is_symlink() else _files(root)) for root in roots)


def _files(root: str) -> tuple[FileState, ...]:
    """Return everything below a folder, sorted; no link is followed. A missing root has nothing."""
    found: list[FileState] = []
    waiting = [""]
    while waiting:
        folder = waiting.pop()
        for entry in _entries(f"{root}/{folder}"):
            path = f"{folder}{entry.name}"
            if not entry.is_dir(follow_symlinks=False):
                found.append(_file_state(path, entry.stat(follow_symlinks=False)))
            elif entry.name != _COMPILED:
                found.append(FileState(path, stat.S_IFDIR))  # its other properties change with those of what is in it
                waiting.append(f"{path}/")
    return tuple(sorted(found))


def _entries(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            return list(found)
    except (FileNotFoundError, NotADirectoryError):
        return []


def _file_state(path: str, state: os.stat_result) -> FileState:
    return FileState(path, state.st_mode, state.st_size, state.st_ino, state.st_mtime_ns, state.st_ctime_ns)


@lru_cache(maxsize=8)
def content_digest(state: State) -> str:
    """Return a digest of the files in this state: their paths, kinds and contents. Cached: a push may render often."""
    sum_ = hashlib.sha256()
    for root, files in state:
        for file in files:
            content = Path(root, file.path).read_bytes() if stat.S_ISREG(file.mode) else b""
            sum_.update(repr((file.path, stat.S_IFMT(file.mode), len(content))).encode("utf-8", "surrogatepass"))
            sum_.update(content)
    return sum_.hexdigest()

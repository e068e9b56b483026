"""What decides beside the specs what is rendered: the program, the packages that it uses, templates and schemas."""

from __future__ import annotations

import hashlib
import os
import stat
import sys
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from msgspec import Struct

import generator
from generator.core.paths import templates_root
from generator.core.started import STARTED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from generator.core.template_loader import TemplateLoader

_PROGRAM: Final = Path(generator.__file__).parent
_COMPILED: Final = "__pycache__"
# The time of a file is that of the kernel's last tick.
_TICK_SECONDS: Final = 0.1


class _FileState(NamedTuple):
    """A path below a folder, and what differs after any change of the file."""

    path: str
    mode: int
    size: int = 0
    inode: int = 0
    modified: int = 0
    changed: int = 0


_State = tuple[tuple[str, tuple[_FileState, ...]], ...]


class Inputs(Struct, frozen=True):
    """The digest of all files of some folders, and the state in which these files were."""

    digest: str
    state: _State

    def are_current(self) -> bool:
        """Return whether no file has changed since."""
        try:
            return _state(root for root, _ in self.state) == self.state
        except OSError:
            return False


@cache
def read_program() -> Inputs | None:
    """Return the inputs of every run of this process: the program, its packages, and what it ships.

    None if a file cannot be read, and if one has changed since this process began: then nobody knows which version of
    the program runs.
    """
    try:
        state = _program()
        if _has_changed(state):
            return None
        return Inputs(_digest([sys.version, *_packages(), _content(state)]), state)
    except OSError:
        return None


def program_state() -> str:
    """Return a digest of the times, sizes and inodes of the program's files. Raises OSError if one cannot be read."""
    return _state_digest(_program())


def inputs_state(loader: TemplateLoader) -> str | None:
    """Return a digest of the state of the program's files, and of the content of the repository's own templates.

    It takes less than `read_inputs`, and differs where that is the same: after another installation of one version.
    None if a file cannot be read, or if one of the program has changed since this process began.
    """
    try:
        program = _program()
        if _has_changed(program):
            return None
        own = (_content((folder,)) for folder in _state(map(str, loader.roots[:-1])))
        return _digest([_state_digest(program), *own])
    except OSError:
        return None


def read_inputs(loader: TemplateLoader) -> Inputs | None:
    """Return the inputs of a run with the templates and schemas of `loader`; None if they cannot be read."""
    program, own = read_program(), loader.roots[:-1]
    if program is None:
        return None
    try:
        repository = _state(map(str, own))
        return Inputs(
            _digest([program.digest, *(_content((folder,)) for folder in repository)]), (*program.state, *repository)
        )
    except OSError:
        return None


def _program() -> _State:
    return _state((str(_PROGRAM), str(templates_root())))


def _state_digest(program: _State) -> str:
    return _digest([sys.version, *_packages(), repr(program)])


def _has_changed(state: _State) -> bool:
    """Return whether a file has changed since this process began."""
    return any(file.changed > (STARTED - _TICK_SECONDS) * 1e9 for _, files in state for file in files)


def _digest(facts: list[str]) -> str:
    return hashlib.sha256(repr(facts).encode()).hexdigest()


def _packages() -> list[str]:
    """Return the names and versions of all installed packages, from the names of the folders that describe them."""
    folders = [folder for folder in sys.path if os.path.isdir(folder)]  # noqa: PTH112  # pathlib is ten times slower
    return sorted(name for folder in folders for name in os.listdir(folder) if name.endswith(".dist-info"))  # noqa: PTH208


def _state(roots: Iterable[str]) -> _State:
    return tuple((root, () if Path(root).is_symlink() else _files(root)) for root in roots)


def _files(root: str) -> tuple[_FileState, ...]:
    """Return everything below a folder, sorted; no link is followed. A missing root has nothing."""
    found: list[_FileState] = []
    waiting = [""]
    while waiting:
        folder = waiting.pop()
        for entry in _entries(f"{root}/{folder}"):
            path = f"{folder}{entry.name}"
            if not entry.is_dir(follow_symlinks=False):
                found.append(_file_state(path, entry.stat(follow_symlinks=False)))
            elif entry.name != _COMPILED:
                found.append(_FileState(path, stat.S_IFDIR))  # its other properties change with those of what is in it
                waiting.append(f"{path}/")
    return tuple(sorted(found))


def _entries(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            return list(found)
    except (FileNotFoundError, NotADirectoryError):
        return []


def _file_state(path: str, state: os.stat_result) -> _FileState:
    return _FileState(path, state.st_mode, state.st_size, state.st_ino, state.st_mtime_ns, state.st_ctime_ns)


@lru_cache(maxsize=8)
def _content(state: _State) -> str:
    """Return a digest of the files in this state: their paths, kinds and contents. Cached: a push may render often."""
    sum_ = hashlib.sha256()
    for root, files in state:
        for file in files:
            content = Path(root, file.path).read_bytes() if stat.S_ISREG(file.mode) else b""
            sum_.update(repr((file.path, stat.S_IFMT(file.mode), len(content))).encode("utf-8", "surrogatepass"))
            sum_.update(content)
    return sum_.hexdigest()

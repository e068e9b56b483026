"""The folder `.servegen/`: servegen's state for one work tree, which Git ignores.

A repository may contain a `.servegen/` that somebody committed. So no link in it is followed, and content that is
written goes into a new file with a random name first.
"""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from generator.core.errors import RefusedError
from generator.core.finding import Finding, Position
from generator.repo.writing import named_errors, write_whole

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

STATE: Final = ".servegen"
# The beginning of the names of files that hold new content until they replace another file.
_NEXT: Final = "next-"
_SAFE: Final = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC  # O_NONBLOCK: opening a pipe would wait for its other end


def state_folder(root: Path) -> Path:
    """Return the state folder, and create it if it is missing. Raises RefusedError if it is a link, and OSError."""
    folder = root / STATE
    if (found := find_irregular(root)) and found[0].position.file == STATE:
        raise RefusedError(found, {})
    folder.mkdir(exist_ok=True)
    if not os.path.lexists(folder / ".gitignore"):
        with new_file(root, b"*\n") as path:
            path.replace(folder / ".gitignore")
    return folder


def find_irregular(root: Path) -> list[Finding]:
    """Return a finding for each link and each special file in the state folder, or for the folder itself."""
    try:
        with os.scandir(root) as entries:
            own = next((entry for entry in entries if entry.name == STATE), None)
    except OSError:
        return []
    if own is None:
        return []
    if not own.is_dir(follow_symlinks=False):
        return [_irregular(STATE, "a folder", link=own.is_symlink())]
    with os.scandir(root / STATE) as entries:
        irregular = [entry for entry in entries if not entry.is_file(follow_symlinks=False)]
    wrong = sorted((entry.name, entry.is_symlink()) for entry in irregular)
    return [_irregular(f"{STATE}/{name}", "a file", link=link) for name, link in wrong]


def open_state(root: Path, name: str, flags: int) -> int:
    """Open a file of the state folder, and return its descriptor.

    Raises RefusedError if it is not a regular file, and OSError.
    """
    path = state_folder(root) / name
    if os.path.lexists(path) and not stat.S_ISREG(path.lstat().st_mode):
        raise RefusedError([_irregular(f"{STATE}/{name}", "a file", link=path.is_symlink())], {})
    return os.open(path, flags | _SAFE, 0o666)


def read_state(root: Path, name: str) -> str | None:
    """Return the text of a file of the state folder; None if there is none. Raises as `open_state` does."""
    if not os.path.lexists(root / STATE / name):
        return None
    with os.fdopen(open_state(root, name, os.O_RDONLY), encoding="utf-8", errors="surrogateescape") as file:
        return file.read()


def write_state(root: Path, name: str, text: str) -> None:
    """Write a file of the state folder atomically. Raises as `open_state` does."""
    path = state_folder(root) / name
    with named_errors(path), new_file(root, text.encode("utf-8", "surrogateescape")) as new:
        new.replace(path)


def append_state(root: Path, name: str, text: str) -> None:
    """Append to a file of the state folder. Raises as `open_state` does."""
    descriptor = open_state(root, name, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    with (
        named_errors(root / STATE / name),
        os.fdopen(descriptor, "a", encoding="utf-8", errors="surrogateescape") as file,
    ):
        file.write(text)


@contextmanager
def new_file(root: Path, content: bytes) -> Iterator[Path]:
    """Yield a new file in the state folder with this content, which the body renames; it is deleted if it is left."""
    path = root / STATE / f"{_NEXT}{os.urandom(8).hex()}"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _SAFE, 0o666)
    try:
        with os.fdopen(descriptor, "wb", buffering=0) as file:
            write_whole(file, content)
        yield path
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def remove_leftovers(root: Path) -> None:
    """Delete the new files of runs that were killed. This run must hold the lock of `root`. Raises OSError."""
    with os.scandir(root / STATE) as entries:
        names = [entry.name for entry in entries if entry.name.startswith(_NEXT) and not entry.is_dir()]
    for name in names:
        (root / STATE / name).unlink(missing_ok=True)


def _irregular(name: str, expected: str, *, link: bool) -> Finding:
    if link:
        message, hint = "found a symbolic link, which servegen does not follow", "delete the link"
    else:
        message, hint = f"found another kind of file, expected {expected}", "delete it"
    return Finding("F08", message, Position(name), f"{hint}; servegen creates {expected} there when it needs one")

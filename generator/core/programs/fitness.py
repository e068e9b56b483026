"""Whether a program does what servegen needs: it is run once on a task with a known result.

The version that a program prints says little about one that somebody wrapped or built. A program that passed is
remembered in the user's cache, so that each file is tried once.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from generator import __version__
from generator.core.errors import ToolError
from generator.core.programs.control import user_cache

if TYPE_CHECKING:
    from collections.abc import Callable


class UnfitProgramError(ToolError):
    """A program does not do what servegen needs. The message has its path, what it did, and what was expected."""


def require_fit(name: str, program: Path, probe: Callable[[Path], None]) -> None:
    """Run `probe` on a program, unless this file has passed it before. Raises UnfitProgramError, as `probe` does."""
    record, file = _record(name, program), _identity(program)
    if record is None or file is None:
        probe(program)
    elif _read(record) != file:
        probe(program)
        with suppress(OSError):  # the cache is read-only or full: the next run probes again
            _write(record, file)


def _record(name: str, program: Path) -> Path | None:
    cache = user_cache()
    key = hashlib.sha256(os.fsencode(program.resolve())).hexdigest()[:16]
    return cache / "probes" / f"{name}-{key}" if cache else None


def _identity(program: Path) -> bytes | None:
    """Return what tells one file from another, and this version of servegen, which may have another probe."""
    with suppress(OSError):
        stat = program.stat()
        return f"servegen {__version__}: {stat.st_size} {stat.st_mtime_ns} {stat.st_ino}\n".encode()
    return None


def _read(record: Path) -> bytes | None:
    with suppress(OSError):
        return record.read_bytes()
    return None


def _write(record: Path, text: bytes) -> None:
    """Replace a file in one step, so that no other run reads half of it."""
    record.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=record.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(text)
        Path(name).replace(record)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise

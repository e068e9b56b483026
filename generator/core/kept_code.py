"""Code that a process has compiled from the text of a template, kept for later ones where Python keeps its own.

The files are in the `__pycache__` beside the modules that compile, as decided by `importlib.util.cache_from_source`:
whoever can write there can replace the code of those modules too. Nothing here raises an exception: a folder that
cannot be written costs time.
"""

from __future__ import annotations

import hashlib
import marshal
import sys
from contextlib import suppress
from importlib.util import MAGIC_NUMBER, cache_from_source
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from msgspec import Struct

from generator.core.started import STARTED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import CodeType

_DIGEST_BYTES: Final = 32
_MODE: Final = 0o644
# The time of a file is that of the kernel's last tick.
_TICK_SECONDS: Final = 0.1


class KeptCode(Struct, frozen=True):
    """The kept code of some texts. `compiler` is a digest of all that turns a text into code."""

    folder: Path
    compiler: bytes

    def find(self, name: str, text: str, compile: Callable[[], CodeType | None]) -> CodeType | None:
        """Return the code of `text`: what an earlier process kept under this name, or what `compile` returns."""
        path = Path(cache_from_source(str(self.folder / f"{name.replace('/', '.')}.py")))
        key = b"\0".join((self.compiler, name.encode(), text.encode()))
        code = _read(path, key)
        if code is None:
            code = compile()
            if code is not None and not sys.dont_write_bytecode:
                _write(path, key, marshal.dumps(code))
        return code


def kept_code(folder: Path, packages: Iterable[Path]) -> KeptCode | None:
    """Return the code kept for the modules of `folder`, which compile with those of `packages`.

    None if their sources are missing or have changed since this process began: nobody knows which of them it runs.
    """
    sum_ = hashlib.sha256(MAGIC_NUMBER)
    try:
        for package in (folder, *packages):
            modules = sorted(package.glob("*.py"))
            if not modules or any(module.stat().st_ctime > STARTED - _TICK_SECONDS for module in modules):
                return None
            for module in modules:
                sum_.update(module.read_bytes())
    except OSError:
        return None
    return KeptCode(folder, sum_.digest())


def _read(path: Path, key: bytes) -> CodeType | None:
    try:
        content = path.read_bytes()
    except OSError:
        return None
    kept = content[_DIGEST_BYTES:]
    return cast("CodeType", marshal.loads(kept)) if content[:_DIGEST_BYTES] == _digest(key, kept) else None


def _write(path: Path, key: bytes, kept: bytes) -> None:
    """Write a file in one step, so that concurrent and killed processes leave a whole one or none."""
    from secrets import token_hex

    next_ = path.with_name(f"{path.name}.{token_hex(8)}")
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        next_.touch(_MODE, exist_ok=False)
        try:
            next_.write_bytes(_digest(key, kept) + kept)
            next_.replace(path)
        except BaseException:
            next_.unlink(missing_ok=True)
            raise


def _digest(key: bytes, kept: bytes) -> bytes:
    return hashlib.sha256(hashlib.sha256(key).digest() + kept).digest()

"""Whether this run may use the cache: not with --no-cache, and not if SERVEGEN_NO_CACHE is set to anything."""

from __future__ import annotations

import os
from typing import Final

from msgspec import Struct

NO_CACHE: Final = "SERVEGEN_NO_CACHE"


class _Choice(Struct):
    is_off: bool = False


_choice: Final = _Choice()


def turn_cache_off(*, off: bool) -> None:
    """Decide for the command that runs now whether it uses no cache."""
    _choice.is_off = off


def is_cache_off() -> bool:
    """Return whether no cache may be read or written."""
    return _choice.is_off or bool(os.environ.get(NO_CACHE))

"""Where the cache is: a folder in the user's folder for caches."""

from __future__ import annotations

from typing import Final

from generator.core.programs.control import user_cache
from generator.repo.cache.store import ResultStore

_LIMIT_BYTES: Final = 512 * 2**20


def result_store() -> ResultStore | None:
    """Return the store in the user's cache; None if the repository controls that folder (see `user_cache`)."""
    folder = user_cache()
    return ResultStore(folder / "results", _LIMIT_BYTES) if folder is not None else None

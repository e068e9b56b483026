"""The state of the cache for `servegen doctor`, and how to empty it."""

from __future__ import annotations

from msgspec import Struct

from generator.core.errors import ToolError
from generator.repo.cache.choice import NO_CACHE, is_cache_off
from generator.repo.cache.user_store import result_store


class CacheStatus(Struct, frozen=True):
    """The folder of the cache with its number of files and their bytes; `problem` says why it is not used."""

    folder: str | None
    files: int = 0
    bytes: int = 0
    problem: str = ""


def cache_status() -> CacheStatus:
    """Return the state of the user's cache."""
    store = result_store()
    if store is None:
        return CacheStatus(None, problem="the repository controls the folder of the user's cache")
    try:
        files, size = store.measure()
    except FileNotFoundError:
        files, size = 0, 0
    except PermissionError as error:
        return CacheStatus(str(store.folder), problem=str(error))
    except OSError as error:
        return CacheStatus(str(store.folder), problem=f"cannot read {error.filename}: {error.strerror}")
    return CacheStatus(str(store.folder), files, size, f"{NO_CACHE} is set" if is_cache_off() else "")


def clear_cache() -> CacheStatus:
    """Delete the results of earlier runs, and return the state before. Raises ToolError if that is not possible."""
    store, before = result_store(), cache_status()
    try:
        if store is not None and before.files:
            store.clear()
    except OSError as error:
        raise ToolError(f"cannot delete results of earlier runs: {error}") from error
    if before.folder is None or (before.problem and not is_cache_off()):
        raise ToolError(f"no results of earlier runs were deleted: {before.problem}")
    return before

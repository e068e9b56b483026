"""The cache of results, for tests that use it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from generator.repo.cache.choice import NO_CACHE


@contextmanager
def use_cache(folder: Path) -> Iterator[Path]:
    """Let this process, and those that it starts, use a cache below `folder`; yield the folder with the results."""
    with patch.dict(os.environ, {"XDG_CACHE_HOME": str(folder)}):
        os.environ.pop(NO_CACHE, None)
        yield folder / "servegen" / "results"

"""Polling of this machine until a condition holds."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

_PERIOD_SECONDS: Final = 0.05
_PATIENCE_SECONDS: Final = 240


def until(what: str, holds: Callable[[], bool], *, report: Callable[[], object] = lambda: "") -> None:
    """Wait until a condition holds. Raises AssertionError, with what `report` returns, if it does not in time."""
    end = time.monotonic() + _PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < end, f"waited {_PATIENCE_SECONDS} s: {what}\n{report()}"
        time.sleep(_PERIOD_SECONDS)

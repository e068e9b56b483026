"""Waiting for a cluster to get somewhere."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

_T = TypeVar("_T")
# Most questions are about all Applications or Kustomizations: they cost the API server more than the waiting.
_PERIOD_SECONDS: Final = 0.4
# An operation of Argo CD that fails is tried again for a minute and a half, on a machine that does much else.
_PATIENCE_SECONDS: Final = 240


def until(
    what: str, ask: Callable[[], _T], *, seconds: float = _PATIENCE_SECONDS, told: Callable[[], object] = lambda: ""
) -> _T:
    """The first answer that is not falsy. Raises AssertionError, with what `told` says, when none comes in time."""
    end = time.monotonic() + seconds
    while not (answer := ask()):
        assert time.monotonic() < end, f"waited {seconds:.0f} s: {what}\n{told()}"
        time.sleep(_PERIOD_SECONDS)
    return answer

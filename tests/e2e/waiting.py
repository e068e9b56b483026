"""Polling of a cluster until a condition holds."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

_T = TypeVar("_T")
# Most requests list all Applications or Kustomizations: polling more often costs the API server too much.
_PERIOD_SECONDS: Final = 0.4
# Argo CD retries a failed operation for a minute and a half, on a machine that is busy with other tests.
_PATIENCE_SECONDS: Final = 240


def until(
    what: str,
    ask: Callable[[], _T],
    *,
    seconds: float = _PATIENCE_SECONDS,
    period: float = _PERIOD_SECONDS,
    report: Callable[[], object] = lambda: "",
) -> _T:
    """Return the first truthy answer, asking once per period (in seconds).

    Raises AssertionError, with what `report` returns, if there is none in time.
    """
    end = time.monotonic() + seconds
    while not (answer := ask()):
        assert time.monotonic() < end, f"waited {seconds:.0f} s: {what}\n{report()}"
        time.sleep(period)
    return answer

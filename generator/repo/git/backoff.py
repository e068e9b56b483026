"""Exponential back-off with full jitter between attempts to update a branch that other runs write too.

The waits are random, so that runs that lost the same race do not collide again.
"""

from __future__ import annotations

import random
import time
from typing import Final

_SHORTEST_SECONDS: Final = 0.05
_LONGEST_SECONDS: Final = 30.0
_DOUBLED: Final = 3


def pause(attempt: int, took: float) -> None:
    """Wait before the next attempt; `attempt` counts the attempts before the lost one, which took `took` seconds."""
    time.sleep(random.uniform(0, longest(attempt, took)))


def longest(attempt: int, took: float) -> float:
    """Return the maximum wait in seconds, which is based on how long an attempt takes here.

    If many runs try again before one attempt can finish, they block each other for ever, and a shared processor makes
    each of them slower still.
    """
    return min(_LONGEST_SECONDS, max(_SHORTEST_SECONDS, took) * (1 << min(attempt, _DOUBLED)))

"""How long a run waits that lost a race: random and ever longer, so that those who lost together do not meet again."""

from __future__ import annotations

import random
import time
from typing import Final

_SHORTEST_SECONDS: Final = 0.05
_LONGEST_SECONDS: Final = 30.0
_DOUBLED: Final = 3


def pause(attempt: int, took: float) -> None:
    """Wait before the next attempt; `attempt` is the number of those before the one that was lost in `took` seconds."""
    time.sleep(random.uniform(0, longest(attempt, took)))


def longest(attempt: int, took: float) -> float:
    """The most seconds that are waited.

    They follow from what an attempt takes here: many who come again sooner than one can be done are in each other's way
    for ever, and a processor that all share makes each of them slower still.
    """
    return min(_LONGEST_SECONDS, max(_SHORTEST_SECONDS, took) * (1 << min(attempt, _DOUBLED)))

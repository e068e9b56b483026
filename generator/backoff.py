"""How long a run waits that lost a race: random and ever longer, so that those who lost together do not meet again."""

from __future__ import annotations

import random
import time
from typing import Final

_FIRST_SECONDS: Final = 0.05
_LONGEST_SECONDS: Final = 2.0
_DOUBLED: Final = 10


def pause(attempt: int) -> None:
    """Wait before the next attempt; `attempt` is the number of those before this one."""
    time.sleep(random.uniform(0, min(_LONGEST_SECONDS, _FIRST_SECONDS * 2 ** min(attempt, _DOUBLED))))

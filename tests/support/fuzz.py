"""The number of examples of a property test, which `make fuzz` multiplies."""

from __future__ import annotations

import os
from typing import Final

FACTOR: Final = int(os.environ.get("SERVEGEN_FUZZ", "1"))
"""By how much; from SERVEGEN_FUZZ."""


def examples(count: int) -> int:
    """The number of examples to try; `count` is the number in `make test`."""
    return count * FACTOR

"""The number of examples of a property test, which `make fuzz` multiplies."""

from __future__ import annotations

import os
from typing import Final

FACTOR: Final = int(os.environ.get("SERVEGEN_FUZZ", "1"))
"""By how much; from SERVEGEN_FUZZ."""


def examples(count: int, of: int | None = None) -> int:
    """The number of examples: `count` in `make test`; in `make prove` a multiple of `of`, by default of `count`."""
    return count if FACTOR == 1 else (of or count) * FACTOR

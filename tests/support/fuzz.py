"""How many examples a property is tried with: `make fuzz` multiplies them."""

from __future__ import annotations

import os
from typing import Final

FACTOR: Final = int(os.environ.get("SERVEGEN_FUZZ", "1"))
"""By how much; from SERVEGEN_FUZZ."""


def examples(count: int) -> int:
    """The number of examples where `make test` tries `count`."""
    return count * FACTOR

"""How large a file of a user may be: generous for a spec, and so small that a crafted file cannot block a run."""

from __future__ import annotations

from typing import Final

MAX_BYTES: Final = 1 << 20
MAX_NODES: Final = 20_000
MAX_ITEMS: Final = 1_000
MAX_KEYS: Final = 5_000

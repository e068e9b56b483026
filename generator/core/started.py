"""When this process began to import servegen."""

from __future__ import annotations

import time
from typing import Final

# Seconds since the epoch, as files have them.
STARTED: Final = time.time()

"""`servegen` and `python -m generator`."""

from __future__ import annotations

import gc
from typing import Final, NoReturn

# A run creates many objects and few reference cycles, so Python looks for cycles after so many new objects, not 700.
_OBJECTS: Final = 100_000


def main() -> NoReturn:
    """Run the command line; the only place that exits."""
    gc.set_threshold(_OBJECTS)
    from generator.cli.utf8_mode import require_utf8

    require_utf8()
    from generator.cli.main import run
    from generator.cli.process_end import end_process

    end_process(run())


if __name__ == "__main__":
    main()

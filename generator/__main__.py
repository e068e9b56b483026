"""`servegen` and `python -m generator`."""

from __future__ import annotations

import atexit
import gc
import os
import sys
from typing import Final, NoReturn

# A run creates many objects and few reference cycles, so Python looks for cycles after so many new objects, not 700.
_OBJECTS: Final = 100_000


def main() -> NoReturn:
    """Run the command line; the only place that exits."""
    gc.set_threshold(_OBJECTS)
    from generator.cli.main import run

    _exit(run())


def _exit(code: int) -> NoReturn:
    """End the process with this code, and leave its memory to the system.

    Python would first free each module and object of a run, which takes longer than many a command. It does so under a
    profiler or a debugger, which have their say after that, and if the last output cannot be written, which it reports.
    """
    if sys.getprofile() is None and sys.gettrace() is None and _flushes():
        atexit._run_exitfuncs()
        os._exit(code)
    raise SystemExit(code)


def _flushes() -> bool:
    """Whether all output is written. A stream that was closed when the process started is None."""
    try:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
    except (OSError, ValueError):
        return False
    return True


if __name__ == "__main__":
    main()

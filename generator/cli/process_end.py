"""The end of the process: what is registered for it is done, and the memory is left to the system."""

from __future__ import annotations

import atexit
import os
import sys
from typing import NoReturn


def end_process(code: int) -> NoReturn:
    """End with this exit code.

    Python would first free each module and object of a run, which takes longer than many a command. It does so under a
    profiler or a debugger, which report after that, and if the last output cannot be written, which Python reports.
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

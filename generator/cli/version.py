"""The answer to `servegen --version`, which scripts ask before each job: it needs nothing else of servegen."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from generator import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

VERSION: Final = f"servegen {__version__}"


def print_version(arguments: Sequence[str]) -> bool:
    """Print the version if the arguments ask for it and for nothing else, and return whether it was printed.

    What cannot be written is left to the command line, which asks again and reports it.
    """
    if arguments != ["--version"] or sys.stdout is None:
        return False
    try:
        sys.stdout.write(f"{VERSION}\n")
        sys.stdout.flush()
    except OSError:
        return False
    return True

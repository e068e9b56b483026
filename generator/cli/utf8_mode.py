"""Start again in Python's UTF-8 mode if the locale has another encoding, as LC_ALL=C with PYTHONUTF8=0 has.

Names of files, arguments and the output of git are UTF-8 in a repository, whatever the locale of a CI job says.
"""

from __future__ import annotations

import os
import sys
from typing import Final

_UTF8: Final = "utf-8"


def require_utf8() -> None:
    """Replace this process by the same command in UTF-8 mode, unless names of files are UTF-8 already."""
    if sys.getfilesystemencoding() != _UTF8:
        arguments = [os.fsencode(argument) for argument in (sys.executable, "-X", "utf8", *sys.orig_argv[1:])]
        os.execv(sys.executable, arguments)

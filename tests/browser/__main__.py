"""`python -m tests.browser -- ARGUMENTS`: run the tests in a real browser. `make browser` builds the site first."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.browser.chromium import VARIABLE, find_browser


def main() -> int:
    """Return the exit status of pytest, or 3 with a message where no browser is."""
    program = find_browser()
    if program is None:
        sys.stderr.write(
            f"no Chromium was found, so the pages cannot be opened: install it (Debian: apt-get install chromium), or "
            f"set {VARIABLE} to its path\n"
        )
        return 3
    os.environ[VARIABLE] = program
    arguments = [argument for argument in sys.argv[1:] if argument != "--"]
    return int(pytest.main(["-q", "-p", "no:xdist", str(Path(__file__).parent), *arguments]))


if __name__ == "__main__":
    raise SystemExit(main())

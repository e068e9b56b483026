"""`python -m tests.support.go_tools`: build the linter of workflows into .tools/bin, if Go is installed.

`make setup` runs it. Like servegen's own programs, it is optional: without Go, the tests that need it are skipped, and
CI fails because of a skipped test.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

PACKAGES: Final = {"actionlint": "github.com/rhysd/actionlint/cmd/actionlint@v1.7.12"}
_FOLDER: Final = Path(__file__).parent.parent.parent / ".tools" / "bin"


def main() -> None:
    """Build what is missing, and print one line per program."""
    go = shutil.which("go")
    for name, package in PACKAGES.items():
        program = _FOLDER / name
        if program.exists():
            result = f"found {program}"
        elif go is None:
            result = "missing, and Go is not installed to build it: the CI files are not linted"
        else:
            done = subprocess.run([go, "install", package], env={**os.environ, "GOBIN": str(_FOLDER)}, check=False)
            result = (
                f"missing, and Go could not build it ({done.returncode})" if done.returncode else f"built {package}"
            )
        sys.stdout.write(f"{name}: {result}\n")


if __name__ == "__main__":
    main()

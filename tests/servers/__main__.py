"""`python -m tests.servers [--only SERVER,...] [-- PYTEST OPTIONS]`: install what is missing, and run the tests."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from typing import Final

from tests.conftest import ROOT
from tests.servers.install import VERSIONS, cache, install, install_prometheus, lacking, variables
from tests.support.processes import tie

_WORKERS: Final = "2"  # a server loads its model on one or two processors


def main() -> int:
    """Run the command, and return pytest's exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.servers", description=__doc__)
    parser.add_argument("--only", default=",".join(VERSIONS), help="what to install (default: %(default)s)")
    parser.add_argument("--install", action="store_true", help="install what is missing, and run no tests")
    parser.add_argument("pytest", nargs="*", help="options and files for pytest, after --")
    options = parser.parse_args()
    if why := lacking():
        sys.exit(why)
    begun = time.monotonic()
    places = install(options.only.split(","), say) | install_prometheus(say)
    say(f"all of it installed after {time.monotonic() - begun:.1f} s, in {cache()}")
    if options.install:
        return 0
    workers = [] if "-n" in options.pytest else ["-n", _WORKERS]
    command = [sys.executable, "-m", "pytest", "--override-ini", "testpaths=tests/servers", *workers, *options.pytest]
    return subprocess.run(
        command, cwd=ROOT, env={**os.environ, **variables(places)}, preexec_fn=tie(), check=False
    ).returncode


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())

"""`python -m generator.core.programs install`: build the missing programs, if Go is installed.

This never fails: without Go, servegen works with the embedded engine, and the command prints what is missing.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from generator.core.errors import ToolError
from generator.core.programs import find, run, tools_folder
from generator.core.programs.control import restrict_path, work_tree
from generator.core.programs.go_programs import GO_PROGRAMS

if TYPE_CHECKING:
    from generator.core.programs.go_programs import GoProgram

_TIMEOUT_SECONDS: Final = 900


def main() -> int:
    """Install into the given folder, and print one line per program."""
    parser = argparse.ArgumentParser(prog="python -m generator.core.programs", description=__doc__)
    install = parser.add_subparsers(dest="command", required=True).add_parser("install")
    restrict_path(work_tree(Path.cwd()))
    install.add_argument("--into", type=Path, default=tools_folder(), help="default: %(default)s")
    into: Path | None = parser.parse_args().into
    if into is None:
        parser.error(
            "the user's cache is in this repository, so nothing runs from it: set SERVEGEN_TOOLS to a folder outside"
        )
    for name, program in GO_PROGRAMS.items():
        sys.stdout.write(f"{name}: ")
        sys.stdout.write(f"{_installed(name, program, into.resolve())}\n")
    return 0


def _installed(name: str, program: GoProgram, into: Path) -> str:
    present = find(name) or shutil.which(name, path=str(into))
    if present is not None:
        return f"found {present}"
    go = shutil.which("go")
    if go is None:
        return f"missing, and Go is not installed to build it: {program.without}"
    try:
        into.mkdir(parents=True, exist_ok=True)
        run([go, "install", program.package], timeout=_TIMEOUT_SECONDS, environment={"GOBIN": str(into)})
    except (OSError, ToolError) as error:
        return f"missing, and Go could not build it: {program.without}\n{error}"
    return f"built {program.package}"


if __name__ == "__main__":
    raise SystemExit(main())

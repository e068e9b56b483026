"""A program `servegen` for a folder on PATH, whose runs are forked: for hooks and pipelines, which call it by its name.

The program passes its arguments, environment, folder and open files on to the process that `program` prepares, which
forks a run for each call, also for a call from within another.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from tests.support.program import prepared

_CLIENT: Final = """\
#!{python} -IS
import json, os, socket, sys
with socket.socket(socket.AF_UNIX) as line:
    line.connect({address!r})
    asked = {{"module": "generator.__main__", "arguments": sys.argv[1:]}}
    asked |= {{"environment": dict(os.environ), "folder": os.getcwd()}}
    socket.send_fds(line, [b" "], [0, 1, 2])
    line.sendall(json.dumps(asked).encode())
    line.shutdown(socket.SHUT_WR)
    with line.makefile() as answer:
        process, code = answer.readline(), answer.readline()
sys.exit(int(code or 70))
"""


def install(folder: Path) -> Path:
    """Write the program `servegen` into a folder, and return its path."""
    program = folder / "servegen"
    program.write_text(_CLIENT.format(python=sys.executable, address=str(prepared())), "utf-8")
    program.chmod(0o755)
    return program

"""A program `servegen` for a folder on PATH, whose runs are forked: for hooks and pipelines, which call it by its name.

The program passes its arguments, environment, folder and open files on to a process that `program` prepares, which
forks a run for each call, also for a call from within another.
"""

from __future__ import annotations

import atexit
import functools
import json
import os
import select
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from tests.conftest import ROOT
from tests.support.program import become_servegen, prepare

_CLIENT: Final = """\
#!{python} -IS
import json, os, socket, sys
with socket.socket(socket.AF_UNIX) as line:
    line.connect({address!r})
    asked = {{"arguments": sys.argv[1:], "environment": dict(os.environ), "folder": os.getcwd()}}
    socket.send_fds(line, [b" "], [0, 1, 2])
    line.sendall(json.dumps(asked).encode())
    line.shutdown(socket.SHUT_WR)
    code = line.recv(8)
sys.exit(int(code or 70))
"""


def install(folder: Path) -> Path:
    """Write the program `servegen` into a folder, and return its path."""
    program = folder / "servegen"
    program.write_text(_CLIENT.format(python=sys.executable, address=str(_started())), "utf-8")
    program.chmod(0o755)
    return program


@functools.cache
def _started() -> Path:
    folder = Path(tempfile.mkdtemp())
    address = folder / "socket"
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.support.on_path", str(address)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )

    def ended() -> None:
        process.communicate()
        shutil.rmtree(folder)

    atexit.register(ended)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    return address


def _serve(address: str) -> None:
    """Run servegen for each connection to a socket, until standard input ends."""
    prepare()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen()
        os.write(1, b"ready\n")
        running: set[int] = set()
        while sys.stdin not in select.select([listener, sys.stdin], [], [])[0]:
            running = {child for child in running if os.waitpid(child, os.WNOHANG)[0] == 0}
            line, _ = listener.accept()
            with line:
                child = os.fork()
                if child == 0:
                    _answer(line)
                running.add(child)
        for child in running:
            os.waitpid(child, 0)


def _answer(line: socket.socket) -> None:
    """Run servegen as a connection asks, and answer with its exit code."""
    _, files, _, _ = socket.recv_fds(line, 1, 3)
    with line.makefile("rb") as text:
        asked = json.loads(text.read())
    child = os.fork()
    if child == 0:
        line.close()
        os.chdir(asked["folder"])
        become_servegen(asked["arguments"], asked["environment"], files)
    for file in files:
        os.close(file)
    line.sendall(b"%d" % os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    os._exit(0)


if __name__ == "__main__":
    _serve(sys.argv[1])

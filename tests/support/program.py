"""Runs of servegen without start-up time, forked from a process that has imported servegen and planned one fleet.

Imports, pydantic's models, and the compilation of templates, schemas and rules take most of the time of a run on a
small repository, and the tests run it some thousand times. What a process keeps of them depends on servegen's own files
only; where schemas are unpacked depends on the environment, so each run looks again. Each run is still a process with
its own exit code, outputs and environment, and ends as servegen ends. `python -m generator`, hash seeds and locales
have tests of their own.
"""

from __future__ import annotations

import atexit
import fcntl
import functools
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TextIO

from tests.conftest import ROOT
from tests.support.shared_folder import shared_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_SECONDS: Final = 60
_ENVIRONMENT: Final = dict(os.environ)
_one_at_a_time: Final = threading.Lock()


def run(
    arguments: list[str], *, mlflow: bool = False, module: str = "generator.__main__"
) -> subprocess.CompletedProcess[str]:
    """Run servegen, or `main` of another module, in the root of this source tree.

    Raises TimeoutExpired when it takes longer than a minute. The first run waits until the process is prepared, however
    long that takes on a busy machine.

    With `mlflow`, the process has imported MLflow too, which takes more time than an import from a small store.
    """
    asked = _request(arguments, module)
    place = shared_folder()
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8", dir=place) as out,
        tempfile.TemporaryFile("w+", encoding="utf-8", dir=place) as said,
        Path(os.devnull).open("rb") as nothing,
    ):
        with _ask(prepared(mlflow=mlflow), asked, [file.fileno() for file in (nothing, out, said)]) as line:
            code = _exit_code(line, arguments)
        for file in (out, said):
            file.seek(0)
        return subprocess.CompletedProcess(arguments, code, out.read(), said.read())


@contextmanager
def start_with_mlflow(arguments: list[str], module: str) -> Iterator[TextIO]:
    """Start `main` of a module in a process that has imported MLflow, and yield its output; it is ended after that."""
    reading, writing = os.pipe()
    with os.fdopen(reading, encoding="utf-8") as out, Path(os.devnull).open("r+b") as nothing:
        files = [nothing.fileno(), writing, nothing.fileno()]
        with _ask(prepared(mlflow=True), _request(arguments, module), files) as line, line.makefile("rb") as answer:
            os.close(writing)
            process = int(answer.readline())
            try:
                yield out
            finally:
                os.killpg(process, signal.SIGTERM)
                answer.readline()


def _request(arguments: list[str], module: str) -> dict[str, Any]:
    return {"module": module, "arguments": arguments, "environment": dict(os.environ), "folder": str(ROOT)}


def prepared(*, mlflow: bool = False) -> Path:
    """Return the address at which the prepared process listens, until the tests end."""
    with _one_at_a_time:
        return _prepared(mlflow=mlflow)


@functools.cache
def _prepared(*, mlflow: bool) -> Path:
    address = shared_folder() / ("mlflow" if mlflow else "servegen")
    with address.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not address.exists():
            _import_mlflow(address) if mlflow else _start(address)
        # The process ends with its last connection, so each worker keeps one.
        line = _connect(address)
    atexit.register(line.close)
    return address


def _start(address: Path) -> None:
    # The first run may be a test's with an environment of its own, in which there is no git to import GitPython.
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.support.program_server", str(address)],
        cwd=ROOT,
        env=_ENVIRONMENT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    atexit.register(process.communicate)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"


def _import_mlflow(address: Path) -> None:
    with _ask(_prepared(mlflow=False), {"mlflow": str(address)}, []) as line, line.makefile("rb") as answer:
        answer.read()  # up to the end, which comes when it listens


def _connect(address: Path) -> socket.socket:
    line = socket.socket(socket.AF_UNIX)
    line.connect(str(address))
    return line


def _ask(address: Path, asked: dict[str, Any], files: Sequence[int]) -> socket.socket:
    line = _connect(address)
    socket.send_fds(line, [b" "], files)
    line.sendall(json.dumps(asked).encode())
    line.shutdown(socket.SHUT_WR)
    return line


def _exit_code(line: socket.socket, arguments: list[str]) -> int:
    with line.makefile("rb", buffering=0) as answer:
        process = int(answer.readline())
        if not select.select([answer], [], [], _SECONDS)[0]:
            os.killpg(process, signal.SIGKILL)
            raise subprocess.TimeoutExpired(arguments, _SECONDS)
        return int(answer.readline())

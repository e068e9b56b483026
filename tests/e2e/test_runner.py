"""The runner: however and whenever it ends, none of the processes that it started keeps running."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from tests.conftest import ROOT
from tests.e2e.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.rig import Rig

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with their parent"),
    pytest.mark.parametrize("ended", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda one: one.name),
]

# A test that runs until it is terminated, with a daemon of its own.
_ENDLESS: Final = """\
from pathlib import Path
from threading import Event
from tests.support.processes import Processes

def test_endless():
    folder = Path({folder!r})
    Processes(folder / "daemon", print).start("sleep", ["sleep", "1000"])
    (folder / "begun").touch()
    Event().wait()
"""


@pytest.mark.own
def test_nothing_is_left_of_a_run_that_is_ended_while_it_starts(tmp_path: Path, ended: signal.Signals) -> None:
    with _run(tmp_path, "--parts", "core", "--up") as run:
        until("etcd to run", lambda: "etcd ready" in _output(tmp_path), report=lambda: _output(tmp_path))
        assert len(_left(tmp_path)) >= 2
        _end(run, ended, tmp_path)


def test_nothing_is_left_of_a_run_that_is_ended_while_it_tests(rig: Rig, tmp_path: Path, ended: signal.Signals) -> None:
    path = tmp_path / "test_endless.py"
    path.write_text(_ENDLESS.format(folder=str(tmp_path)), encoding="utf-8")
    with _run(tmp_path, "--kubeconfig", rig.kubeconfig, "--", "-n", "1", str(path), kubectl=rig.kubectl) as run:
        until("the test to run", (tmp_path / "begun").exists, report=lambda: _output(tmp_path))
        assert len(_left(tmp_path)) >= 6  # runner, proxy, Git, pytest, its worker, the daemon
        _end(run, ended, tmp_path)


@contextmanager
def _run(folder: Path, *options: str, kubectl: str | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """Start a runner whose processes all have the folder as TMPDIR."""
    path = os.pathsep.join((*([str(Path(kubectl).parent)] if kubectl else []), os.environ["PATH"]))
    with (folder / "said.log").open("wb") as log:
        run = subprocess.Popen(
            [sys.executable, "-m", "tests.e2e", *options],
            cwd=ROOT,
            env={**os.environ, "TMPDIR": str(folder), "PATH": path},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        yield run
    finally:
        for pid in _left(folder):
            os.kill(pid, signal.SIGKILL)
        run.wait()


def _end(run: subprocess.Popen[bytes], ended: signal.Signals, folder: Path) -> None:
    run.send_signal(ended)
    codes = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGKILL: -signal.SIGKILL}
    assert run.wait(60) == codes[ended], _output(folder)
    until("nothing to be left", lambda: not _left(folder), seconds=30, report=lambda: _left(folder))


def _output(folder: Path) -> str:
    return (folder / "said.log").read_text(encoding="utf-8")


def _left(folder: Path) -> dict[int, str]:
    """Return the running processes that have the folder as TMPDIR: process ID -> command line."""
    found = {}
    for place in Path("/proc").glob("[0-9]*"):
        try:
            variables = (place / "environ").read_bytes().split(b"\0")
            command = (place / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:  # it has ended, or belongs to another user
            continue
        if f"TMPDIR={folder}".encode() in variables:
            found[int(place.name)] = command
    return found

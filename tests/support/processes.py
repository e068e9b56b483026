"""Daemons that end together with the process that started them."""

from __future__ import annotations

import ctypes
import os
import random
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_PR_SET_PDEATHSIG: Final = 1
_STOP_SECONDS: Final = 10
_PORTS: Final = (10_000, 32_768)


def free_ports(count: int) -> list[int]:
    """Ports of the loopback device that are free now.

    They are below the range from which the kernel gives a port to each outgoing connection (32768 on Linux, 49152
    elsewhere). A free port of that range may be a connection's before a daemon listens at it.
    """
    with ExitStack() as stack:
        return [_bound(stack.enter_context(socket.socket())) for _ in range(count)]


def _bound(entry: socket.socket) -> int:
    """Bind a socket to a random free port, and return the port."""
    while True:
        port = random.randrange(*_PORTS)
        with suppress(OSError):
            entry.bind(("127.0.0.1", port))
            return port


def answers(url: str) -> bool:
    """Whether a server answers with status 200 at an address."""
    try:
        with urlopen(url, timeout=5) as reply:
            return bool(reply.status == 200)
    except (HTTPError, URLError, ConnectionError, TimeoutError):
        return False


def listens(port: int, host: str = "127.0.0.1") -> bool:
    """Whether a server listens on a port."""
    with socket.socket() as client:
        return client.connect_ex((host, port)) == 0


@dataclass(slots=True)
class Processes:
    """The running daemons in the order of their start, their peak memory in bytes, and the folder of their logs."""

    logs: Path
    say: Callable[[str], None]
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    peaks: dict[str, int] = field(default_factory=dict)

    def start(self, name: str, command: Sequence[str | Path], environment: dict[str, str] | None = None) -> None:
        """Start a daemon that ends with this process."""
        self.logs.mkdir(parents=True, exist_ok=True)
        with (self.logs / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **(environment or {})},
                start_new_session=True,
                preexec_fn=tie(),
            )

    def await_(self, name: str, ready: Callable[[], Any], seconds: float = 240) -> None:
        """Wait until a daemon is ready. Raises SystemExit with the end of its log if it ends or exceeds `seconds`."""
        begun = time.monotonic()
        while not ready():
            process = self.running.get(name)
            ended = process is not None and process.poll() is not None
            if ended or time.monotonic() - begun > seconds:
                raise SystemExit(f"{name} {'ended' if ended else 'is not ready'}:\n{self.log(name)}")
            time.sleep(0.05)
        self.say(f"{name} ready after {time.monotonic() - begun:.1f} s")

    def log(self, name: str) -> str:
        """The last 3,000 characters of a daemon's log."""
        path = self.logs / f"{name}.log"
        return path.read_text(encoding="utf-8", errors="replace")[-3000:] if path.is_file() else ""

    def stop(self) -> None:
        """Stop all daemons, the newest first."""
        for name, process in reversed(self.running.items()):
            self.peaks[name] = _peak_memory(process.pid)
            if process.poll() is None:
                process.terminate()
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.running.clear()


def tie() -> Callable[[], None] | None:
    """Return a function for a new process to call first. On Linux, the kernel then ends it when this process ends for
    any reason; None on other systems.
    """
    return partial(_end_with, os.getpid()) if sys.platform == "linux" else None


def _end_with(parent: int) -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def _peak_memory(pid: int) -> int:
    """The peak resident memory of a process in bytes; 0 if the system does not report it."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM")), 0)

"""The namespaces of a pod: a network of its own with only a loopback device, and mounts that no other process has.

A process without work holds them, as the pause container of a real pod does. Containers and the servers of a test start
in them. When the process of the test ends for any reason, the input of the holder ends, and therefore the holder; with
it, as the first process of its process namespace, all others of the pod.
"""

from __future__ import annotations

import ctypes
import os
import shlex
import subprocess
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Final, TypeVar

from tests.support.processes import tie

_T = TypeVar("_T")
_CLONE_NEWNET: Final = 0x40000000  # sched.h
_STOP_SECONDS: Final = 10
UNSHARE: Final = ("unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--propagation", "private")
"""The command that starts another one in namespaces like those of a pod."""


@dataclass(slots=True)
class Sandbox:
    """The namespaces of one pod, and the servers of a test in them."""

    folder: Path
    """A folder for everything of this pod. Its folder `memory` is in memory, and only the pod has it."""
    holder: subprocess.Popen[bytes]
    init: int
    """The first process of the pod, as other processes of this machine see it."""
    servers: ExitStack = field(default_factory=ExitStack)

    @classmethod
    def start(cls, folder: Path, memory: Mapping[Path, int]) -> Sandbox:
        """Create the namespaces. `memory` are folders to be held in memory, with their sizes in bytes (0: any)."""
        lines = ["set -e", "ip link set lo up"]
        for path, size in {folder / "memory": 0, **memory}.items():
            option = f",size={size}" if size else ""
            quoted = shlex.quote(str(path))
            lines.append(f"mkdir -p {quoted}; mount -t tmpfs -o mode=777{option} tmpfs {quoted}")
        holder = subprocess.Popen(
            [*UNSHARE, "sh", "-c", "\n".join([*lines, "exec cat"])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        assert holder.stdin is not None
        assert holder.stdout is not None
        holder.stdin.write(b"ready\n")
        holder.stdin.flush()
        assert holder.stdout.readline() == b"ready\n", "the namespaces of the pod could not be created"
        return cls(folder, holder, child(holder.pid))

    @property
    def enter(self) -> list[str]:
        """The command that starts another command in these namespaces."""
        return ["nsenter", "--target", str(self.init), "--mount", "--net", "--pid", "--"]

    def serve(self, name: str, command: Sequence[str | Path], environment: Mapping[str, str] | None = None) -> None:
        """Start a server of the test, which listens on the loopback device of the pod only."""
        log = self.servers.enter_context((self.folder / f"{name}.log").open("wb"))
        process = subprocess.Popen(
            [*self.enter, *(str(part) for part in command)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env={**os.environ, **(environment or {})},
            start_new_session=True,
            preexec_fn=tie(),
        )
        self.servers.callback(end, process)

    def ask(self, question: Callable[[], _T]) -> Future[_T]:
        """Call a function in a thread that is in the pod's network."""
        answer: Future[_T] = Future()

        def work() -> None:
            try:
                self._join_network()
                answer.set_result(question())
            except Exception as error:  # given to whoever asks for the answer
                answer.set_exception(error)

        Thread(target=work, daemon=True).start()
        return answer

    def _join_network(self) -> None:
        """Move the calling thread to the pod's network."""
        with Path(f"/proc/{self.init}/ns/net").open("rb") as network:
            if ctypes.CDLL(None, use_errno=True).setns(network.fileno(), _CLONE_NEWNET):
                raise OSError(ctypes.get_errno(), "setns")

    def close(self) -> None:
        """Stop the servers, and give the namespaces up."""
        self.servers.close()
        assert self.holder.stdin is not None
        assert self.holder.stdout is not None
        self.holder.stdin.close()
        self.holder.wait(_STOP_SECONDS)
        self.holder.stdout.close()


def end(process: subprocess.Popen[bytes]) -> None:
    """Stop a process that this one has started."""
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def child(pid: int) -> int:
    """Return the only child of a process; 0 if it has ended."""
    with suppress(OSError):
        if children := Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split():
            return int(children[0])
    return 0

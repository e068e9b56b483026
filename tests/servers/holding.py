"""Models that a test holds: while the file `hold` exists in their /tmp, they neither load nor answer."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

from tests.servers.outcome import Phase
from tests.servers.pod import PATIENCE_SECONDS, Pod
from tests.servers.probes import Reply
from tests.servers.waiting import until


def terminated(pod: Pod) -> bool:
    """Whether a container has got SIGTERM."""
    return any(event.startswith("SIGTERM") for event in pod.events)


def hook_waits(pod: Pod) -> bool:
    """Whether the preStop hook, which looks once in a second, waits for the last request."""
    return pod.containers["main"].run(["pgrep", "--full", "--exact", "sleep 1"], PATIENCE_SECONDS) is None


@dataclass(frozen=True, slots=True)
class Hold:
    """Holds a model. `folder` is the folder that its container has at /tmp."""

    folder: Path

    @property
    def file(self) -> Path:
        """The file for which the model waits to go."""
        return self.folder / "hold"

    def _is_there(self, name: str) -> bool:
        return (self.folder / name).exists()

    def start(self, pod: Pod) -> None:
        """Start a pod, and let its model load only when its readiness probe was seen to fail before."""
        self.file.touch()
        pod.start()
        until("the model to be loading", lambda: self._is_there("loading") or pod.phase is Phase.FAILED)
        assert pod.phase is Phase.RUNNING, pod.log()
        assert pod.probe("readiness") is not None
        assert pod.phase is Phase.RUNNING
        self.file.unlink()
        pod.wait_ready()

    def end(self, pod: Pod, ask: Callable[[], Future[Reply]], *, reached: Callable[[Pod], bool] = terminated) -> Reply:
        """End a pod during a request, which the model answers when the end has reached a point.

        The server must answer, and end by itself.
        """
        (self.folder / "asked").unlink(missing_ok=True)
        self.file.touch()
        answer = ask()
        until("the request to arrive", lambda: self._is_there("asked"))
        ending = pod.begin_stop()
        until("the end to be as far", lambda: reached(pod) or answer.done())
        assert not answer.done(), pod.log()
        self.file.unlink()
        stopped = ending.result(PATIENCE_SECONDS)
        assert (stopped.exit_code, stopped.killed) == (0, False), pod.log()
        return answer.result(PATIENCE_SECONDS)

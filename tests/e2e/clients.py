"""A steady load of requests for one host, and what became of each."""

from __future__ import annotations

import http.client
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING, Final, Self

from tests.e2e.mesh.gateway import ask, connected

if TYPE_CHECKING:
    from types import TracebackType

_CLIENTS: Final = 4
_PAUSE_SECONDS: Final = 0.05


@dataclass(frozen=True, slots=True)
class Reply:
    """What one request got: seconds since the first, the status (0 where the connection broke), and who answered."""

    second: float
    status: int
    body: str


@dataclass(slots=True)
class Load:
    """Four clients with a connection each ask about 70 times a second together, while the `with` block runs."""

    port: int
    host: str
    replies: list[list[Reply]] = field(default_factory=lambda: [[] for _ in range(_CLIENTS)])
    _stop: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)
    _begun: float = 0

    def __enter__(self) -> Self:
        """Begin."""
        self._begun = time.monotonic()
        self._threads = [threading.Thread(target=self._run, args=(seen,), daemon=True) for seen in self.replies]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def failed(self) -> list[Reply]:
        """The replies that are no answer of a pod."""
        return [reply for seen in self.replies for reply in list(seen) if reply.status != 200]

    def last(self, count: int) -> set[tuple[int, str]]:
        """What the last requests of each client got; empty before there are as many."""
        if any(len(seen) < count for seen in self.replies):
            return set()
        return {_kind(reply) for seen in self.replies for reply in seen[-count:]}

    def mark(self) -> tuple[int, ...]:
        """This instant, for `since`."""
        return tuple(map(len, self.replies))

    def since(self, mark: tuple[int, ...] = (0,) * _CLIENTS) -> Counter[tuple[int, str]]:
        """How often each status came with each body."""
        later = (reply for seen, begin in zip(self.replies, mark, strict=True) for reply in seen[begin:])
        return Counter(map(_kind, later))

    def changes(self) -> list[list[tuple[int, str]]]:
        """What each client got, in order, without repetition."""
        return [[key for key, _ in groupby(seen, key=_kind)] for seen in self.replies]

    def told(self) -> str:
        """The changes that the first client saw, what failed for any, and the sum, a line each."""
        changes = [next(group) for _, group in groupby(self.replies[0], key=_kind)]
        lines = [f"{one.second:7.2f} s  {one.status}  {one.body}" for one in (*changes[:40], *self.failed()[:20])]
        return "\n".join((*lines, f"{self.since().total()} requests, {len(self.failed())} failed"))

    def _run(self, seen: list[Reply]) -> None:
        while not self._stop.is_set():
            with connected(self.port) as connection:
                self._ask(connection, seen)

    def _ask(self, connection: http.client.HTTPConnection, seen: list[Reply]) -> None:
        """Ask until the connection breaks or the load ends."""
        while not self._stop.wait(_PAUSE_SECONDS):
            try:
                answer = ask(connection, self.host, "/v2")
                status, body = answer.status, answer.body
            except (OSError, http.client.HTTPException) as error:
                status, body = 0, repr(error)
            seen.append(Reply(round(time.monotonic() - self._begun, 2), status, body))
            if status == 0:
                return


def _kind(reply: Reply) -> tuple[int, str]:
    return reply.status, reply.body

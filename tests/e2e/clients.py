"""A steady load of requests to one host, with a record of each reply."""

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
    """The result of one request.

    `second` counts from the start of the load, `status` is 0 if the connection broke, and `body` names who answered.
    """

    second: float
    status: int
    body: str


@dataclass(slots=True)
class Load:
    """Four clients with a connection each, which send about 70 requests a second in total during the `with` block."""

    port: int
    host: str
    replies: list[list[Reply]] = field(default_factory=lambda: [[] for _ in range(_CLIENTS)])
    _stop: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)
    _begun: float = 0

    def __enter__(self) -> Self:
        """Start the clients."""
        self._begun = time.monotonic()
        self._threads = [threading.Thread(target=self._run, args=(seen,), daemon=True) for seen in self.replies]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the clients."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def failed(self) -> list[Reply]:
        """Return the replies that did not come from a pod: those with a status other than 200."""
        return [reply for seen in self.replies for reply in list(seen) if reply.status != 200]

    def last(self, count: int) -> set[tuple[int, str]]:
        """Return the different replies to the last `count` requests of each client; empty until there are as many."""
        if any(len(seen) < count for seen in self.replies):
            return set()
        return {_kind(reply) for seen in self.replies for reply in seen[-count:]}

    def mark(self) -> tuple[int, ...]:
        """Return the current position in the replies, for `since`."""
        return tuple(map(len, self.replies))

    def since(self, mark: tuple[int, ...] = (0,) * _CLIENTS) -> Counter[tuple[int, str]]:
        """Return how often each pair of status and body was received since a mark, or since the start."""
        later = (reply for seen, begin in zip(self.replies, mark, strict=True) for reply in seen[begin:])
        return Counter(map(_kind, later))

    def changes(self) -> list[list[tuple[int, str]]]:
        """Return what each client received, in order, without consecutive repetitions."""
        return [[key for key, _ in groupby(seen, key=_kind)] for seen in self.replies]

    def report(self) -> str:
        """Return the changes that the first client saw, the failures of all clients, and the totals, as lines."""
        changes = [next(group) for _, group in groupby(self.replies[0], key=_kind)]
        lines = [f"{one.second:7.2f} s  {one.status}  {one.body}" for one in (*changes[:40], *self.failed()[:20])]
        return "\n".join((*lines, f"{self.since().total()} requests, {len(self.failed())} failed"))

    def _run(self, seen: list[Reply]) -> None:
        while not self._stop.is_set():
            with connected(self.port) as connection:
                self._ask(connection, seen)

    def _ask(self, connection: http.client.HTTPConnection, seen: list[Reply]) -> None:
        """Send requests until the connection breaks or the load ends."""
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

"""Probes on the schedule of a kubelet.

Source: Kubernetes documentation, "Configure Liveness, Readiness and Startup Probes"; pkg/kubelet/prober. A test may
shorten the periods and the initial delays by a factor. Time limits and the counts of failures and successes stay.
"""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as LateError
from contextlib import closing
from dataclasses import dataclass
from threading import Event
from typing import TYPE_CHECKING

from tests.servers.objects import ADDRESS

if TYPE_CHECKING:
    from tests.servers.container import Container
    from tests.servers.objects import Tree
    from tests.servers.sandbox import Sandbox

_SUCCESS = range(200, 400)


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer of a server in a pod."""

    status: int
    body: bytes
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class Handler:
    """What a probe, or a hook of the life cycle, does in a container."""

    tree: Tree
    ports: Sequence[Tree]
    """The ports of the container, which a handler may name."""

    def call(self, container: Container, sandbox: Sandbox, seconds: float) -> str | None:
        """Call it once. Return None if it succeeds within the time limit, else why not."""
        if command := self.tree.get("exec"):
            return container.run(command["command"], seconds)
        question = self._request if "httpGet" in self.tree else self._connect
        answer: Future[str | None] = sandbox.ask(lambda: question(seconds))
        try:
            return answer.result(seconds)
        except (LateError, OSError, http.client.HTTPException) as error:
            return f"{type(error).__name__}: {error}"

    def _port(self, port: str | int) -> int:
        named = {entry.get("name"): int(entry["containerPort"]) for entry in self.ports}
        return named[port] if isinstance(port, str) else port

    def _request(self, seconds: float) -> str | None:
        get = self.tree["httpGet"]
        headers = {entry["name"]: entry["value"] for entry in get.get("httpHeaders") or ()}
        secure = get.get("scheme") == "HTTPS"
        reply = request(self._port(get["port"]), get.get("path", "/"), headers=headers, seconds=seconds, secure=secure)
        return None if reply.status in _SUCCESS else f"HTTP status {reply.status}"

    def _connect(self, seconds: float) -> str | None:
        port = self._port(self.tree["tcpSocket"]["port"])
        with closing(socket.create_connection((ADDRESS, port), seconds)):
            return None


def request(
    port: int,
    path: str,
    body: bytes | None = None,
    headers: dict[str, str] | None = None,
    seconds: float = 60,
    *,
    secure: bool = False,
) -> Reply:
    """Send one HTTP request in the calling thread's network: POST with a body, else GET."""
    client = http.client.HTTPConnection(ADDRESS, port, timeout=seconds)
    if secure:
        client = http.client.HTTPSConnection(ADDRESS, port, timeout=seconds, context=ssl._create_unverified_context())
    with closing(client):
        client.request("GET" if body is None else "POST", path, body, headers or {})
        reply = client.getresponse()
        return Reply(reply.status, reply.read(), dict(reply.getheaders()))


@dataclass(frozen=True, slots=True)
class Probe:
    """A probe of a container: its handler, and its schedule in seconds."""

    handler: Handler
    delay: float
    period: float
    timeout: float
    failures: int
    successes: int

    @classmethod
    def of(cls, container: Tree, kind: str, pace: float) -> Probe | None:
        """Return the probe of a kind, such as `readiness`; None if the container has none."""
        tree = container.get(f"{kind}Probe")
        if tree is None:
            return None
        return cls(
            handler=Handler(tree, container.get("ports") or ()),
            delay=tree.get("initialDelaySeconds", 0) * pace,
            period=(tree.get("periodSeconds") or 10) * pace,
            timeout=tree.get("timeoutSeconds") or 1,
            failures=tree.get("failureThreshold") or 3,
            successes=tree.get("successThreshold") or 1,
        )

    def watch(
        self, call: Callable[[Handler, float], str | None], over: Event, tell: Callable[[bool, str], bool]
    ) -> None:
        """Probe on schedule until `over`. Call `tell` at each change of the result; stop if it returns False.

        A result changes after as many equal results in a row as the thresholds say.
        """
        last: bool | None = None
        row, before = 0, None
        if over.wait(self.delay):
            return
        while True:
            why = call(self.handler, self.timeout)
            good = why is None
            row, before = (row + 1 if good == before else 1), good
            if over.is_set():
                return
            if row >= (self.successes if good else self.failures) and good != last:
                last = good
                if not tell(good, why or ""):
                    return
            if over.wait(self.period):
                return

"""The fleet's pods as clients see them: one HTTP server at the addresses of all pods, which are local to this network.

A pod that is ready answers 200 with the name of its service. kwok removes a pod some seconds after its deletion. A real
pod answers for as long as its preStop hook sleeps, and so does a simulated one, for the seconds in its own spec. A pod
that is not ready, never existed or has ended breaks the connection.
"""

from __future__ import annotations

import os
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.kube import Kube, Tree

# The port of the pods: each test process answers for the pods of its own tests. (Triton uses 8001 for gRPC.)
PORT: Final = 8000 + 100 * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_FRESH_SECONDS: Final = 0.1
_SERVICE: Final = "app.kubernetes.io/instance"


@dataclass(frozen=True, slots=True)
class _Seen:
    """A pod that was ready at the time `at`, the last lookup before its deletion."""

    service: str
    hook_seconds: float
    at: float


@dataclass(slots=True)
class Pods:
    """Finds the pod that has an address, in the state of the cluster when a request arrives."""

    kube: Kube
    _seen: dict[str, _Seen] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def service(self, address: str) -> str | None:
        """Return the service of the pod that answers at this address; None if none does."""
        with self._lock:
            last, now = self._seen.get(address), time.monotonic()
            if last is not None and now < last.at + _FRESH_SECONDS:
                return last.service
            pods = self.kube.list("v1", "pods", fieldSelector=f"status.podIP={address}")
            if pods:
                self._seen.pop(address, None)
            for pod in filter(_ready, pods):
                # Its hook sleeps from the deletion on, not from the last lookup.
                at = last.at if last is not None and "deletionTimestamp" in pod["metadata"] else now
                self._seen[address] = _Seen(pod["metadata"]["labels"][_SERVICE], _hook_seconds(pod), at)
                return self._seen[address].service
            ends = last.at + last.hook_seconds if last is not None and not pods else now
            return last.service if last is not None and now < ends else None


def _ready(pod: Tree) -> bool:
    conditions = pod["status"].get("conditions", ())
    return any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)


def _hook_seconds(pod: Tree) -> float:
    hook = pod["spec"]["containers"][0].get("lifecycle", {}).get("preStop", {})
    return float(hook.get("sleep", {}).get("seconds", 0))


@contextmanager
def answering(kube: Kube, *ports: int) -> Iterator[None]:
    """Answer for the pods at these ports while the block runs."""
    servers = [_Server(("0.0.0.0", port), _handler(Pods(kube))) for port in ports]
    for server in servers:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield
    finally:
        for server in servers:
            server.shutdown()
            server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, request: object, client_address: object) -> None:
        """Report nothing: a client that disconnects is not an error."""


def _handler(pods: Pods) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            service = pods.service(self.connection.getsockname()[0])
            if service is None:
                self.close_connection = True
                return
            body = service.encode()
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Log nothing: the client records what it received."""

    return Handler

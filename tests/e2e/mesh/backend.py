"""Simulated pods: small HTTP servers that answer with their name and record their requests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from threading import Event

from tests.e2e.mesh.server import LocalServer

Answer = Callable[[str, BaseHTTPRequestHandler], None]
"""A function that answers a request, given the pod's name."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request that a pod received."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


def status(code: int) -> Answer:
    """Return an answer with this status and the pod's name as the body."""

    def answer(name: str, handler: BaseHTTPRequestHandler) -> None:
        body = name.encode()
        handler.send_response(code)
        handler.send_header("content-length", str(len(body)))
        handler.end_headers()
        if handler.command != "HEAD":
            handler.wfile.write(body)

    return answer


def after(event: Event, then: Answer) -> Answer:
    """Return an answer that waits for the event and then does the same as `then`."""

    def answer(name: str, handler: BaseHTTPRequestHandler) -> None:
        event.wait()
        then(name, handler)

    return answer


def chunks(first: bytes, event: Event, last: bytes) -> Answer:
    """Return an answer with a streamed body, whose last chunk is sent after the event."""

    def answer(_: str, handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("transfer-encoding", "chunked")
        handler.end_headers()
        handler.wfile.write(b"%x\r\n%s\r\n" % (len(first), first))
        event.wait()
        handler.wfile.write(b"%x\r\n%s\r\n0\r\n\r\n" % (len(last), last))

    return answer


@dataclass(slots=True)
class Backend:
    """The pod behind one port of one Service. `answer` may be changed at any time; `seen` records each request."""

    name: str
    answer: Answer = field(default_factory=lambda: status(200))
    seen: list[Request] = field(default_factory=list)
    server: LocalServer = field(init=False)

    def __post_init__(self) -> None:
        """Start listening."""
        self.server = LocalServer(_handler(self))


def _handler(backend: Backend) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        raw_requestline: bytes

        def _any(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            backend.seen.append(Request(self.command, self.path, headers, body))
            backend.answer(backend.name, self)

        def do_GET(self) -> None:
            self._any()

        def do_HEAD(self) -> None:
            self._any()

        def do_POST(self) -> None:
            self._any()

        def parse_request(self) -> bool:
            """Record the preface of HTTP/2 (RFC 9113, section 3.4), which this server refuses."""
            if self.raw_requestline.startswith(b"PRI "):
                backend.seen.append(Request("PRI", "*", {}, b""))
            return super().parse_request()

        def log_message(self, *_: object) -> None:
            """Log nothing: `seen` records all requests."""

    return Handler

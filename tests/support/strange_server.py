"""A web server on this machine whose answers a test chooses, and that keeps each request with its headers."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

# Writes the answer to a request: any bytes, status line and headers included, in any rhythm.
Answer = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class StrangeServer:
    """The address of a server, and the requests that it got: path and headers."""

    port: int
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def data(value: object, status: int = 200, **headers: str) -> Answer:
    """Answer with JSON, or with a text as it is."""
    body = value.encode() if isinstance(value, str) else json.dumps(value).encode()

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, text in {"Content-Length": str(len(body)), **headers}.items():
            handler.send_header(name.replace("_", "-"), text)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


@contextmanager
def strange_server(answers: Mapping[str, Answer]) -> Iterator[StrangeServer]:
    """Start a server; the first key that occurs in a request's path gives its answer, any other path is not found."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            found.requests.append((self.path, dict(self.headers.items())))
            answer = next((answer for part, answer in answers.items() if part in self.path), None)
            missing = data({"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "x"}, status=404)
            try:
                (answer or missing)(self)
            except OSError:  # the client had enough
                self.close_connection = True

        def log_message(self, format: str, *arguments: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        server.block_on_close = False
        found = StrangeServer(server.server_port)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield found
        server.shutdown()

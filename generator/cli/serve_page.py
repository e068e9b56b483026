"""A web server for one page, on loopback only."""

from __future__ import annotations

from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

from generator.cli.terminal import echo

_LOOPBACK: Final = "127.0.0.1"


def serve_page(text: str) -> None:
    """Serve the page at a free port until the user interrupts it."""
    with page_server(text) as server:
        echo(f"http://{_LOOPBACK}:{server.server_port}/ until Ctrl-C")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            return


def page_server(text: str) -> ThreadingHTTPServer:
    """Return a server that answers requests for `/`.

    It answers only those whose Host is this machine: a page of a foreign host that a browser resolves to loopback could
    read the fleet otherwise (DNS rebinding).
    """
    content = text.encode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = self.headers.get("Host", "").partition(":")[0]
            known = name in (_LOOPBACK, "localhost") and self.path in ("/", "/index.html")
            self.send_response(HTTPStatus.OK if known else HTTPStatus.NOT_FOUND)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(content) if known else 0))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            if known:
                self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    return ThreadingHTTPServer((_LOOPBACK, 0), Handler)

"""A small server for the tests of the pod runner: /state, /slow?seconds, /ready (a file), with or without SIGTERM."""

import json
import os
import signal
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class Handler(BaseHTTPRequestHandler):
    """Answers with what the container sees."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        if path == "/slow":
            Path("/scratch/begun").touch()
            time.sleep(float(query))
            self._answer(200, "slow")
        elif path == "/ready":
            self._answer(200 if Path("/scratch/ready").exists() else 503, "")
        elif path == "/make":
            Path(query).touch()
            self._answer(200, "")
        elif path == "/writable":
            self._answer(200, os.access(query, os.W_OK))
        else:
            self._answer(200, _state())

    def _answer(self, status: int, value: object) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _state() -> dict[str, object]:
    status = dict(line.split(":\t", 1) for line in Path("/proc/self/status").read_text().splitlines() if ":\t" in line)
    mounts = [line.split()[:4] for line in Path("/proc/self/mounts").read_text().splitlines()]
    return {
        "argv": sys.argv[1:],
        "env": dict(os.environ),
        "pid": os.getpid(),
        "ids": [os.getuid(), os.getgid(), sorted(os.getgroups())],
        "cwd": str(Path.cwd()),
        "host": os.uname().nodename,
        "capabilities": status["CapBnd"],
        "mounts": {mount[1]: mount[3].split(",") for mount in mounts},
    }


def main() -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 8080), Handler)
    server.daemon_threads = False  # the end waits for requests in flight
    if "--deaf" not in sys.argv:
        signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    Path("/scratch/serving").touch()  # from now on, SIGTERM is heard
    server.serve_forever(0.05)
    server.server_close()


main()

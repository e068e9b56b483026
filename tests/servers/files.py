"""A file server as the storage initializer expects it: files are application/octet-stream, archives have their type.

`python files.py FOLDER PORT`; it listens on the loopback device of its network.
"""

from __future__ import annotations

import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer


class Handler(SimpleHTTPRequestHandler):
    """Serves a folder."""

    def guess_type(self, path: object) -> str:
        """Return the content type of a file."""
        return "application/x-tar" if str(path).endswith((".tar", ".tar.gz", ".tgz")) else "application/octet-stream"


if __name__ == "__main__":
    folder, port = sys.argv[1:]
    ThreadingHTTPServer(("127.0.0.1", int(port)), partial(Handler, directory=folder)).serve_forever()

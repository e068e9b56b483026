"""A stand-in for the Hugging Face hub: the requests that a download of one revision sends.

`python hub.py FOLDER PORT`: FOLDER/ORG/NAME has the files of each model; the only branch is `main`, at `COMMIT`.
It listens on the loopback device of its network.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

COMMIT: Final = "0123456789abcdef0123456789abcdef01234567"
_MODEL: Final = re.compile(rf"/api/models/([\w.-]+/[\w.-]+)/revision/(?:main|{COMMIT})")
_FILE: Final = re.compile(rf"/([\w.-]+/[\w.-]+)/resolve/(?:main|{COMMIT})/([\w./-]+)")
_TREE: Final = re.compile(rf"/api/models/([\w.-]+/[\w.-]+)/tree/(?:main|{COMMIT})")


class Handler(BaseHTTPRequestHandler):
    """Answers for the models of a folder."""

    protocol_version = "HTTP/1.1"

    def __init__(self, root: Path, *arguments: Any) -> None:
        self.root = root
        super().__init__(*arguments)

    def do_HEAD(self) -> None:
        """Answer without the body."""
        self.do_GET()

    def do_GET(self) -> None:
        """Answer with the list of a model's files, or with a file."""
        path = self.path.partition("?")[0]
        if match := _FILE.fullmatch(path):
            self._file(self.root / match[1] / match[2])
        elif (match := _MODEL.fullmatch(path)) and (self.root / match[1]).is_dir():
            self._json({"id": match[1], "sha": COMMIT, "siblings": [{"rfilename": n} for n in self._files(match[1])]})
        elif (match := _TREE.fullmatch(path)) and (self.root / match[1]).is_dir():
            self._json([self._entry(match[1], name) for name in self._files(match[1])])
        else:
            self._answer(404, b"", {"X-Error-Code": "RepoNotFound"})

    def _files(self, model: str) -> list[str]:
        folder = self.root / model
        return [str(path.relative_to(folder)) for path in sorted(folder.rglob("*")) if path.is_file()]

    def _entry(self, model: str, name: str) -> dict[str, object]:
        content = (self.root / model / name).read_bytes()
        return {"type": "file", "path": name, "size": len(content), "oid": hashlib.sha1(content).hexdigest()}

    def _file(self, path: Path) -> None:
        if not path.is_file():
            return self._answer(404, b"", {"X-Error-Code": "EntryNotFound", "X-Repo-Commit": COMMIT})
        content = path.read_bytes()
        headers = {"ETag": f'"{hashlib.sha256(content).hexdigest()}"', "X-Repo-Commit": COMMIT}
        return self._answer(200, content, headers)

    def _json(self, value: object) -> None:
        self._answer(200, json.dumps(value).encode(), {"Content-Type": "application/json"})

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


if __name__ == "__main__":
    folder, port = sys.argv[1:]
    ThreadingHTTPServer(("127.0.0.1", int(port)), partial(Handler, Path(folder))).serve_forever()

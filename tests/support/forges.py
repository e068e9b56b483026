"""Stand-ins for the APIs of GitHub and GitLab on loopback: the requests that write the one comment, and nothing else.

Both answer as the documented APIs do: they ask for a token, give at most 100 entries of a list at once, refuse texts
that are too long, and know no comment that nobody wrote.
https://docs.github.com/rest/issues/comments, https://docs.github.com/rest/pulls/pulls, https://docs.gitlab.com/api/notes
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

TOKEN: Final = "token-of-the-tests"
_MOST: Final = 100


@dataclass
class Comments:
    """The comments of one pull request or merge request, each with id, author and body; `calls` are the requests."""

    found: list[dict[str, Any]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)

    def add(self, author: str, body: str) -> dict[str, Any]:
        """Write a comment, and return it as both APIs show it."""
        number = {"github-actions[bot]": 1, "project_1_bot": 1}.get(author, 2)
        one = {"id": 1000 + len(self.found), "body": body}
        one |= {"user": {"login": author}, "author": {"id": number, "username": author}}
        self.found.append(one)
        return one

    @property
    def bodies(self) -> list[str]:
        """The texts of all comments."""
        return [one["body"] for one in self.found]

    @property
    def writes(self) -> list[str]:
        """The requests that changed something."""
        return [call for call in self.calls if not call.startswith("GET")]


Answer = tuple[int, Any]
Route = Callable[[re.Match[str], dict[str, list[str]], dict[str, Any]], Answer]


def _page(found: list[Any], query: dict[str, list[str]], default: int) -> Answer:
    size = min(int(query.get("per_page", [str(default)])[0]), _MOST)
    start = (int(query.get("page", ["1"])[0]) - 1) * size
    return 200, found[start : start + size]


def _write(comments: Comments, id: str, body: str, longest: int, refused: int) -> Answer:
    if len(body) > longest:
        return refused, {"message": f"body is too long (maximum is {longest} characters)"}
    one = next((one for one in comments.found if str(one["id"]) == id), None)
    if one is None:
        return 404, {"message": "Not Found"}
    one["body"] = body
    return 200, one


def github(comments: Comments, pulls: list[dict[str, Any]]) -> dict[str, Route]:
    """Return the routes of GitHub for the repository team/models: its pull requests, and the comments of number 7."""

    def listed(_: re.Match[str], query: dict[str, list[str]], __: dict[str, Any]) -> Answer:
        head, state = query.get("head", [""])[0], query.get("state", ["open"])[0]
        fits = [one for one in pulls if one["state"] == state and head in ("", one["head"]["label"])]
        return _page(fits, query, 30)

    def create(_: re.Match[str], __: dict[str, list[str]], data: dict[str, Any]) -> Answer:
        if len(data["body"]) > 65_536:
            return 422, {"message": "Validation Failed"}
        return 201, comments.add("github-actions[bot]", data["body"])

    return {
        "GET /repos/team/models/pulls": listed,
        "GET /repos/team/models/issues/7/comments": lambda _, query, __: _page(comments.found, query, 30),
        "POST /repos/team/models/issues/7/comments": create,
        r"PATCH /repos/team/models/issues/comments/(\d+)": lambda found, _, data: _write(
            comments, found[1], data["body"], 65_536, 422
        ),
    }


def gitlab(comments: Comments, sha: str) -> dict[str, Route]:
    """Return the routes of GitLab for merge request 7 of project 5: the request, its notes, and the token's user."""
    top = "/projects/5/merge_requests/7"
    return {
        "GET /user": lambda *_: (200, {"id": 1, "username": "project_1_bot"}),
        f"GET {top}": lambda *_: (200, {"iid": 7, "sha": sha}),
        f"GET {top}/notes": lambda _, query, __: _page(list(reversed(comments.found)), query, 20),
        f"POST {top}/notes": lambda _, __, data: (201, comments.add("project_1_bot", data["body"])),
        rf"PUT {top}/notes/(\d+)": lambda found, _, data: _write(comments, found[1], data["body"], 1_000_000, 400),
    }


@contextmanager
def serve(comments: Comments, routes: dict[str, Route]) -> Iterator[str]:
    """Serve the routes on a free port of loopback, and yield the address."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            address = urlsplit(self.path)
            comments.calls.append(call := f"{self.command} {address.path}")
            length = int(self.headers.get("Content-Length") or 0)
            data = json.loads(self.rfile.read(length) or b"{}")
            given = self.headers.get("PRIVATE-TOKEN") or self.headers.get("Authorization", "").removeprefix("Bearer ")
            found = next(((m, route) for form, route in routes.items() if (m := re.fullmatch(form, call))), None)
            code, body = 404, {"message": "Not Found"}
            if given != TOKEN:
                code, body = 401, {"message": "Bad credentials"}
            elif found is not None:
                code, body = found[1](found[0], parse_qs(address.query), data)
            text = json.dumps(body).encode()
            self.send_response(code)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = do_PATCH = do_PUT = answer  # noqa: N815

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()

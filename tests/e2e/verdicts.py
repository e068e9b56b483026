"""Server-side dry runs of single objects: whether the API server accepts each of them, and why not.

The request is that of `kubectl apply --server-side --dry-run=server --validate=strict`: defaulting, admission and CEL
rules all run, and nothing is stored. It is sent without kubectl, which does not report which object of a list the
server rejects.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPConnection
from typing import Final
from urllib.parse import quote, urlencode, urlsplit
from urllib.request import urlopen

from tests.e2e.kube import Tree

_QUERY: Final = urlencode({"dryRun": "All", "fieldManager": "e2e", "fieldValidation": "Strict", "force": "true"})
_HEADERS: Final = {"Content-Type": "application/apply-patch+yaml", "Accept": "application/json"}
_AT_ONCE: Final = 4


@dataclass(frozen=True, slots=True)
class Verdict:
    """The server's answer for an object: the reason of its `refusal`, None if it is accepted, and its `warnings`."""

    refusal: str | None = None
    warnings: tuple[str, ...] = ()


@dataclass(slots=True)
class Judge:
    """A client of the API server at `address`, which must not ask for credentials."""

    address: str
    _kinds: dict[str, dict[str, tuple[str, bool]]] = field(default_factory=dict)

    def judge(self, trees: Sequence[Tree]) -> list[Verdict]:
        """Return the verdict of each object, in their order. Their namespaces must exist."""
        requests = [(self._path(tree), json.dumps(tree)) for tree in trees]
        parts = [requests[start::_AT_ONCE] for start in range(_AT_ONCE)]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            answers = list(pool.map(self._asked, parts))
        return [answers[number % _AT_ONCE][number // _AT_ONCE] for number in range(len(requests))]

    def _asked(self, requests: Sequence[tuple[str, str]]) -> list[Verdict]:
        """Return the verdicts of requests, which are sent one after another on one connection."""
        connection = HTTPConnection(urlsplit(self.address).netloc, timeout=60)
        try:
            return [_asked(connection, path, body) for path, body in requests]
        finally:
            connection.close()

    def _path(self, tree: Tree) -> str:
        """Return the path and query of the request for an object."""
        version, metadata = tree["apiVersion"], tree["metadata"]
        plural, namespaced = self._served(version).get(tree["kind"], ("nothing", False))
        place = f"/namespaces/{quote(str(metadata.get('namespace', 'default')), safe='')}" if namespaced else ""
        return f"{_root(version)}{place}/{plural}/{quote(str(metadata.get('name')), safe='')}?{_QUERY}"

    def _served(self, version: str) -> dict[str, tuple[str, bool]]:
        """Return the plural name of each kind of an API version, and whether the kind is namespaced."""
        if version not in self._kinds:
            with urlopen(self.address + _root(version), timeout=30) as reply:
                resources = json.load(reply)["resources"]
            plain = [one for one in resources if "/" not in one["name"]]
            self._kinds[version] = {one["kind"]: (one["name"], one["namespaced"]) for one in plain}
        return self._kinds[version]


def _asked(connection: HTTPConnection, path: str, body: str) -> Verdict:
    connection.request("PATCH", path, body.encode(), _HEADERS)
    reply = connection.getresponse()
    text, warnings = reply.read().decode(), tuple(map(_warning, reply.headers.get_all("Warning", ())))
    return Verdict(None if reply.status < 300 else _reason(reply.status, text), warnings)


def _warning(header: str) -> str:
    """Return the text of a `Warning` header, which has the form `299 - "text"`."""
    text: str = json.loads(header.split(" ", 2)[2])
    return text


def _reason(status: int, text: str) -> str:
    try:
        return f"{status} {json.loads(text)['message']}"
    except (ValueError, KeyError):
        return f"{status} {text.strip()}"


def _root(version: str) -> str:
    return f"/apis/{version}" if "/" in version else f"/api/{version}"

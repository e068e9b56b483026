"""Clients of a cluster: HTTP requests over `kubectl proxy`, so that any kubeconfig works, and kubectl itself."""

from __future__ import annotations

import atexit
import json
import subprocess
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

if TYPE_CHECKING:
    from pathlib import Path

Tree = dict[str, Any]

_TIMEOUT_SECONDS: Final = 30
_NOT_FOUND: Final = 404
_CONFLICT: Final = 409
# Idle connections by address: opening one for each request costs more than the request.
_IDLE: Final[dict[str, list[HTTPConnection]]] = {}


@dataclass(frozen=True, slots=True)
class Kube:
    """A client for objects by API version and plural name of the kind, such as ("apps/v1", "deployments")."""

    address: str

    def get(self, version: str, plural: str, namespace: str | None, name: str) -> Tree | None:
        """Return one object, or None if it does not exist."""
        return self._ask("GET", f"{_path(version, plural, namespace)}/{name}")

    def list(self, version: str, plural: str, namespace: str | None = None, **query: str) -> list[Tree]:
        """Return all objects of a kind; `query` holds labelSelector and similar parameters."""
        found = self._ask("GET", f"{_path(version, plural, namespace)}?{urlencode(query)}")
        return [] if found is None else list(found["items"])

    def patch(self, version: str, plural: str, namespace: str | None, name: str, patch: Tree) -> None:
        """Apply a merge patch to an object."""
        self._ask("PATCH", f"{_path(version, plural, namespace)}/{name}", patch)

    def patch_unchanged(self, version: str, plural: str, tree: Tree, patch: Tree) -> None:
        """Apply a merge patch to an object, unless the object has changed since `tree` was read."""
        metadata = tree["metadata"]
        path = f"{_path(version, plural, metadata.get('namespace'))}/{metadata['name']}"
        patch = {**patch, "metadata": {**patch.get("metadata", {}), "resourceVersion": metadata["resourceVersion"]}}
        self._ask("PATCH", path, patch, nothing=(_NOT_FOUND, _CONFLICT))

    def delete(self, version: str, plural: str, namespace: str | None, name: str) -> None:
        """Delete an object; what it owns is deleted in the background."""
        self._ask("DELETE", f"{_path(version, plural, namespace)}/{name}")

    def delete_all(self, version: str, plural: str, namespace: str | None = None, **query: str) -> None:
        """Delete all objects of a kind at once, pods without waiting for their end; `query` is as for `list`."""
        path = f"{_path(version, plural, namespace)}?{urlencode(query)}"
        self._ask("DELETE", path, {"apiVersion": "v1", "kind": "DeleteOptions", "gracePeriodSeconds": 0})

    def _ask(
        self, method: str, path: str, body: Tree | None = None, *, nothing: tuple[int, ...] = (_NOT_FOUND,)
    ) -> Tree | None:
        """Return the answer, or None for a status in `nothing`. Raises AssertionError for any other failure."""
        data = json.dumps(body).encode() if body is not None else None
        kind = "application/json" if method == "DELETE" else "application/merge-patch+json"
        headers = {"Accept": "application/json", "Content-Type": kind, "User-Agent": "e2e"}
        connection = _connection(self.address)
        try:
            connection.request(method, path, data, headers)
            reply = connection.getresponse()
        except ConnectionError:  # it has been idle for a while
            connection.close()
            connection.request(method, path, data, headers)
            reply = connection.getresponse()
        text = reply.read()
        _IDLE[self.address].append(connection)
        if reply.status in nothing:
            return None
        assert reply.status < 300, f"{method} {path}: {reply.status} {text.decode()}"
        answer: Tree = json.loads(text)
        return answer


def _connection(address: str) -> HTTPConnection:
    """Return a connection that no other thread uses."""
    try:
        return _IDLE.setdefault(address, []).pop()
    except IndexError:
        return HTTPConnection(address.removeprefix("http://"), timeout=_TIMEOUT_SECONDS)


@atexit.register
def _close() -> None:
    for connection in (one for some in _IDLE.values() for one in some):
        connection.close()


def kubectl(
    program: str | Path,
    kubeconfig: str | Path,
    *arguments: str,
    stdin: str | None = None,
    accepted: tuple[int, ...] = (0,),
) -> str:
    """Run kubectl, and return its standard output followed by its standard error.

    Raises AssertionError if it ends with an exit code that is not in `accepted`.
    """
    command = [str(program), "--kubeconfig", str(kubeconfig), *arguments]
    done = subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=120)
    assert done.returncode in accepted, f"kubectl {' '.join(arguments)}: {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout + done.stderr


def _path(version: str, plural: str, namespace: str | None) -> str:
    root = "/api" if "/" not in version else "/apis"
    return f"{root}/{version}/{f'namespaces/{namespace}/' if namespace else ''}{plural}"

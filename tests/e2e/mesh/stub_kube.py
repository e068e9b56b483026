"""The smallest Kubernetes API that Istio's control plane and `istioctl analyze` can read: lists, objects and watches.

It holds the objects that a test gives it. Nothing is validated, nothing but a status can be written through it, and a
kind that it does not hold is an empty list. It is therefore also a cluster without admission webhooks.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from threading import Condition
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from tests.e2e.mesh.server import LocalServer

Tree = dict[str, Any]
Key = tuple[str, str, str]
"""Resource (the plural of the kind, then a dot and its group, as a CRD is named), namespace, name."""

_CREATED: Final = "2026-01-01T00:00:00Z"
# The kinds that clients request: a client accepts a list only under the name of its kind.
_KINDS: Final = (
    "ConfigMap",
    "CustomResourceDefinition",
    "DaemonSet",
    "Deployment",
    "DestinationRule",
    "EndpointSlice",
    "EnvoyFilter",
    "Gateway",
    "GatewayClass",
    "HTTPRoute",
    "Ingress",
    "IngressClass",
    "MutatingWebhookConfiguration",
    "Namespace",
    "Node",
    "Pod",
    "ReplicaSet",
    "Secret",
    "Service",
    "ServiceAccount",
    "StatefulSet",
    "ValidatingWebhookConfiguration",
    "VirtualService",
)


class StubKube:
    """The API server. `url` is its address."""

    def __init__(self) -> None:
        self._objects: dict[Key, Tree] = {}
        self._statuses: dict[Key, Tree] = {}
        self._events: list[tuple[str, Tree]] = []
        self._changed = Condition()
        self._closed = False
        self._server = LocalServer(_handler(self))
        self.url = f"http://127.0.0.1:{self._server.port}"

    def close(self) -> None:
        """End the watches and stop listening."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._server.close()

    def kubeconfig(self, folder: Path) -> Path:
        """Write a kubeconfig for this server into the folder, and return its path."""
        path = folder / "kubeconfig"
        cluster = {"name": "stub", "cluster": {"server": self.url}}
        context = {"name": "stub", "context": {"cluster": "stub", "user": ""}}
        config = {"apiVersion": "v1", "kind": "Config", "clusters": [cluster], "contexts": [context]}
        path.write_text(json.dumps({**config, "current-context": "stub"}), encoding="utf-8")
        return path

    def hold(self, objects: Iterable[Tree]) -> None:
        """Hold these objects and no others; watchers receive the difference."""
        wanted = {_key(tree): tree for tree in objects}
        with self._changed:
            for key in self._objects.keys() - wanted.keys():
                self._notify("DELETED", self._objects.pop(key))
                self._statuses.pop(key, None)
            for key, tree in wanted.items():
                held = self._objects.get(key)
                if held is None or {**held, "metadata": tree["metadata"]} != tree:
                    self._objects[key] = self._notify("ADDED" if held is None else "MODIFIED", tree)
            self._changed.notify_all()

    def listed(self, resource: str, namespace: str | None) -> tuple[int, list[Tree]]:
        """Return the current version, and the objects of a resource in a namespace, or in all if it is None."""
        with self._changed:
            found = [tree for key, tree in self._objects.items() if key[0] == resource and namespace in (None, key[1])]
            return len(self._events), found

    def one(self, key: Key) -> Tree | None:
        """Return an object; None if it is not held."""
        with self._changed:
            return self._objects.get(key)

    def note(self, key: Key, status: Tree) -> Tree | None:
        """Store an object's status, and return the object; None if it is not held.

        Neither lists nor watches contain the status.
        """
        with self._changed:
            self._statuses[key] = status
            return self._objects.get(key)

    def status(self, kind: str, version: str, namespace: str, name: str) -> Tree:
        """Return the status last written for an object; empty if none was. `version` is an apiVersion."""
        with self._changed:
            return self._statuses.get((_resource(_plural(kind), version), namespace, name), {})

    def since(self, version: int) -> list[tuple[str, Tree]] | None:
        """Return the events after a version; waits until there is one.

        None if the server is closing.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._closed or len(self._events) > version)
            return None if self._closed else self._events[version:]

    def _notify(self, kind: str, tree: Tree) -> Tree:
        version = str(len(self._events) + 1)
        metadata = {"uid": "-".join(_key(tree)), "creationTimestamp": _CREATED, **tree["metadata"]}
        held = {**tree, "metadata": {**metadata, "resourceVersion": version}}
        self._events.append((kind, held))
        return held


def _key(tree: Tree) -> Key:
    resource = _resource(_plural(tree["kind"]), tree["apiVersion"])
    return resource, tree["metadata"].get("namespace", ""), tree["metadata"]["name"]


def _resource(plural: str, version: str) -> str:
    """Return the name of a resource; `version` is an apiVersion. It has the group, since two groups have a Gateway."""
    group, slash, _ = version.partition("/")
    return f"{plural}.{group}" if slash else plural


def _plural(kind: str) -> str:
    return f"{kind.lower()}{'es' if kind.endswith('s') else 's'}"


def _selective(query: dict[str, list[str]]) -> bool:
    """Return whether a request selects single objects, by name or labels.

    It gets none: the control plane works without the objects that it keeps for itself.
    """
    return "labelSelector" in query or "metadata.name=" in query.get("fieldSelector", [""])[0]


_LISTS: Final = {_plural(kind): f"{kind}List" for kind in _KINDS}


def _handler(kube: StubKube) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_PUT(self) -> None:
            """Store a status."""
            *_, group, version, _, namespace, plural, name, subresource = urlsplit(self.path).path.split("/")
            written = json.loads(self.rfile.read(int(self.headers["content-length"])))
            tree = kube.note((_resource(plural, f"{group}/{version}"), namespace, name), written["status"])
            if tree is None or subresource != "status":
                self._refuse(404, "NotFound")
            else:
                self._answer(200, {**tree, "status": written["status"]})

        def do_GET(self) -> None:
            url = urlsplit(self.path)
            query = parse_qs(url.query)
            parts = url.path.strip("/").split("/")
            if parts == ["version"]:
                self._answer(200, {"major": "1", "minor": "36", "gitVersion": "v1.36.0"})
            elif len(parts) == 1:
                self._answer(200, {"kind": "APIGroupList", "apiVersion": "v1", "groups": []})
            else:
                version, rest = ("v1", parts[2:]) if parts[0] == "api" else ("/".join(parts[1:3]), parts[3:])
                self._resource(version, rest, query)

        def _resource(self, version: str, rest: list[str], query: dict[str, list[str]]) -> None:
            """Answer for `rest`: [resource] or ["namespaces", namespace, resource]; an object's name may follow."""
            namespace = rest[1] if len(rest) > 2 else None
            resource = _resource(rest[-1], version)
            if len(rest) in (2, 4):
                tree = kube.one((_resource(rest[-2], version), namespace or "", rest[-1]))
                self._answer(200, tree) if tree else self._refuse(404, "NotFound")
            elif "watch" not in query:
                at, items = kube.listed(resource, namespace)
                items = [] if _selective(query) else items
                kind, metadata = _LISTS.get(rest[-1], "List"), {"resourceVersion": str(at)}
                self._answer(200, {"kind": kind, "apiVersion": version, "metadata": metadata, "items": items})
            elif "sendInitialEvents" in query:  # the client falls back to a list and a watch
                self._refuse(400, "BadRequest")
            else:
                at = int(query.get("resourceVersion", ["0"])[0] or 0)
                self._watch("" if _selective(query) else resource, namespace, at)

        def _watch(self, resource: str, namespace: str | None, at: int) -> None:
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("transfer-encoding", "chunked")
            self.end_headers()
            while (events := kube.since(at)) is not None:
                at += len(events)
                for kind, tree in events:
                    key = _key(tree)
                    if key[0] == resource and namespace in (None, key[1]):
                        line = json.dumps({"type": kind, "object": tree}).encode() + b"\n"
                        self.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))
            self.close_connection = True

        def _refuse(self, code: int, reason: str) -> None:
            status = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": reason, "code": code}
            self._answer(code, status)

        def _answer(self, code: int, tree: Tree) -> None:
            body = json.dumps(tree).encode()
            self.send_response(code)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Log nothing: a failed test shows the logs of the programs."""

    return Handler

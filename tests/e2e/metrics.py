"""A stand-in for metrics-server: `python -m tests.e2e.metrics`. Autoscalers read numbers that a test sets.

It serves metrics.k8s.io/v1beta1 behind the API server's aggregation layer. It asks the API server which pods exist;
their usage comes from a file that is read again for each request:

    {"<namespace>": {"cpu": "450m", "memory": "64Mi"}}      (other namespaces: 50m and 64Mi)
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import ssl
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit
from urllib.request import Request, urlopen

_VERSION: Final = "metrics.k8s.io/v1beta1"
_BASE: Final = f"/apis/{_VERSION}"
_IDLE: Final = {"cpu": "50m", "memory": "64Mi"}
_RESOURCE: Final = {
    "name": "pods",
    "singularName": "",
    "namespaced": True,
    "kind": "PodMetrics",
    "verbs": ["get", "list"],
}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    options: argparse.Namespace
    trusted: ssl.SSLContext

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        match url.path.removeprefix(_BASE).strip("/").split("/"):
            case [""]:
                about = {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": _VERSION}
                self._answer(200, {**about, "resources": [_RESOURCE]})
            case ["namespaces", namespace, "pods"]:
                selector = parse_qs(url.query).get("labelSelector", [""])[0]
                self._answer(200, {"kind": "PodMetricsList", **self._about(), "items": self._pods(namespace, selector)})
            case _:
                self._answer(404, {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": 404})

    def _about(self) -> dict[str, Any]:
        return {"apiVersion": _VERSION, "metadata": {}}

    def _pods(self, namespace: str, selector: str) -> list[dict[str, Any]]:
        query = urlencode({"labelSelector": selector})
        headers = {"Authorization": f"Bearer {os.environ['E2E_TOKEN']}"}
        address = f"{self.options.api}/api/v1/namespaces/{namespace}/pods?{query}"
        with urlopen(Request(address, headers=headers), context=self.trusted, timeout=10) as reply:
            pods = json.load(reply)["items"]
        usage = {**_IDLE, **self._chosen().get(namespace, {})}
        now = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return [
            {
                "kind": "PodMetrics",
                "apiVersion": _VERSION,
                "metadata": {"name": pod["metadata"]["name"], "namespace": namespace, "creationTimestamp": now},
                "timestamp": now,
                "window": "10s",
                "containers": [{"name": one["name"], "usage": usage} for one in pod["spec"]["containers"]],
            }
            for pod in pods
            if pod.get("status", {}).get("phase") == "Running"
        ]

    def _chosen(self) -> dict[str, dict[str, str]]:
        path: Path = self.options.usage
        return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}

    def _answer(self, code: int, body: dict[str, Any]) -> None:
        data = json.dumps(body).encode()
        self.send_response(code)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Log nothing: the log is for errors."""


def main() -> None:
    """Serve until the process is terminated."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--api", required=True)
    for name in ("certificate", "key", "usage"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    _Handler.options = parser.parse_args()
    _Handler.trusted = ssl.create_default_context(cafile=_Handler.options.certificate)
    server = ThreadingHTTPServer(("127.0.0.1", _Handler.options.port), _Handler)
    own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    own.load_cert_chain(_Handler.options.certificate, _Handler.options.key)
    server.socket = own.wrap_socket(server.socket, server_side=True)
    server.serve_forever()


if __name__ == "__main__":
    main()

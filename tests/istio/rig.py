"""An ingress gateway to ask: Istio's control plane and Envoy, fed with the objects of a cluster that has no pods.

The control plane reads a stub of the Kubernetes API; Envoy is the upstream one, so nothing of Istio's proxy is needed;
each port of each Service leads to a small HTTP server. All of it listens on the loopback device.
"""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from string import Template
from types import TracebackType
from typing import Any, Final, Self

from tests.istio.backend import Backend, status
from tests.istio.mesh import GATEWAYS, MARKER, Mesh
from tests.istio.stub_kube import StubKube

Tree = dict[str, Any]
Name = tuple[str, str, int]
"""Namespace and name of a Service, and its port."""

_FIXTURES: Final = Path(__file__).parent / "fixtures"
_DEADLINE_SECONDS: Final = 30
# The first two filters are of Istio's own proxy: Envoy refuses them. The rest is what needs more of Kubernetes.
_PILOT: Final = {
    "PILOT_ENABLE_METADATA_EXCHANGE": "false",
    "PILOT_ENABLE_ALPN_FILTER": "false",
    "PILOT_ENABLE_IP_AUTOALLOCATE": "false",
    "PILOT_DEBOUNCE_AFTER": "10ms",
    "ENABLE_CA_SERVER": "false",
    "ENABLE_LEADER_ELECTION": "false",
    "XDS_AUTH": "false",
    "POD_NAME": "istiod-0",
    "POD_NAMESPACE": "istio-system",
}


@dataclass(frozen=True, slots=True)
class Programs:
    """What the rig runs."""

    pilot: Path
    envoy: Path


@dataclass(frozen=True, slots=True)
class Answer:
    """What a client of the gateway gets; the names of headers are in lower case."""

    status: int
    headers: dict[str, str]
    body: str


def until(what: str, holds: Callable[[], bool]) -> None:
    """Poll. Raises AssertionError when it does not hold in time."""
    end = time.monotonic() + _DEADLINE_SECONDS
    while not holds():
        assert time.monotonic() < end, f"waited {_DEADLINE_SECONDS} s: {what}"
        time.sleep(0.01)


def ask(
    connection: HTTPConnection,
    host: str,
    path: str = "/",
    *,
    method: str = "GET",
    headers: dict[str, str] | None = None,
    body: bytes | None = None,
) -> Answer:
    """One request on a connection that stays open."""
    connection.request(method, path, body, {"host": host, **(headers or {})})
    response = connection.getresponse()
    text = response.read().decode()
    return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, text)


@dataclass(slots=True)
class Rig:
    """The running gateway. `folder` gets what the programs read and their logs."""

    programs: Programs
    folder: Path
    mesh: Mesh
    backends: dict[Name, Backend] = field(default_factory=dict)
    _ports: dict[int, int] = field(init=False)
    _kube: StubKube = field(init=False)
    _services: list[Tree] = field(default_factory=list)
    _config: list[Tree] = field(default_factory=list)
    _revision: int = 0
    _admin: int = 0
    _stack: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> Self:
        """Start everything, and wait until the gateway answers."""
        with ExitStack() as stack:
            self._kube = StubKube()
            stack.callback(self._kube.close)
            stack.callback(self._close_backends)
            first, second, xds = _free_ports(3)
            self._ports = {80: first, 8080: second}
            self._hold(self._services)
            self._start_pilot(stack, xds)
            self._start_envoy(stack, xds)
            self.feed([])
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop everything."""
        self._stack.close()

    def feed(self, objects: Iterable[Tree]) -> None:
        """Make these the cluster's objects, and wait until the gateway has them.

        In the order in which a deployment goes: the new Services have endpoints before a route names them, and those
        that are gone leave after the last route has left them.
        """
        objects = list(objects)
        self.hold_services(objects)
        revision = self.send(objects)
        until(f"revision {revision} on all ports", lambda: all(self.has(revision, port) for port in GATEWAYS))
        self._services = _of_kind(objects, "Service")
        self._hold(self._services)

    def hold_services(self, objects: Iterable[Tree]) -> None:
        """Add the Services among the objects, and wait until the gateway has their endpoints."""
        new = _of_kind(objects, "Service")
        named = {_name(tree): tree for tree in (*self._services, *new)}
        self._services = list(named.values())
        self._hold(self._services)
        lines = [
            f"outbound|{port['port']}||{tree['metadata']['name']}.{tree['metadata']['namespace']}.svc.cluster.local"
            f"::127.0.0.1:{self.backend(*_name(tree), port['port']).server.port}::health_flags::healthy"
            for tree in new
            for port in tree["spec"]["ports"]
        ]
        until("endpoints of the Services", lambda: set(lines) <= set(self._ask_admin("/clusters").splitlines()))

    def send(self, objects: Iterable[Tree]) -> int:
        """Make these the cluster's routes, Services left as they are; gives the revision to look for."""
        self._revision += 1
        self._config = [*_of_kind(objects, *self.mesh.routes), self.mesh.marker(self._revision)]
        self._hold(self._services)
        return self._revision

    def has(self, revision: int, port: int) -> bool:
        """Whether a port of the gateway works with this revision of the routes."""
        try:
            return self.ask(MARKER, port=port).headers.get("location", "").endswith(f"/{revision}")
        except ConnectionError:
            return False

    def rejected(self) -> int:
        """How many updates of routes Envoy refused since it started."""
        text = self._ask_admin("/stats?filter=rds.*update_rejected")
        return sum(int(line.rpartition(": ")[2]) for line in text.splitlines())

    def backend(self, namespace: str, name: str, port: int) -> Backend:
        """The pod behind a port of a Service."""
        return self.backends[namespace, name, port]

    def connection(self, port: int = 80) -> closing[HTTPConnection]:
        """A connection to a port of the gateway."""
        return closing(HTTPConnection("127.0.0.1", self._ports[port], timeout=_DEADLINE_SECONDS))

    def ask(
        self,
        host: str,
        path: str = "/",
        *,
        port: int = 80,
        method: str = "GET",
        headers: dict[str, str] | None = None,
        body: bytes | None = None,
    ) -> Answer:
        """One request on a connection of its own."""
        with self.connection(port) as connection:
            return ask(connection, host, path, method=method, headers=headers, body=body)

    def knows(self, namespace: str, name: str) -> bool:
        """Whether the gateway still has the Service's endpoints."""
        return f"||{name}.{namespace}.svc.cluster.local::" in self._ask_admin("/clusters")

    def idle(self) -> bool:
        """Whether the gateway waits for no pod: all copies for mirrors have been answered too."""
        text = self._ask_admin("/stats?filter=upstream_rq_(active|pending_active)$")
        waiting = [line for line in text.splitlines() if "outbound" in line and not line.endswith(": 0")]
        return waiting == []

    def status(self, tree: Tree) -> Tree:
        """What the control plane last said of an object."""
        return self._kube.status(tree["kind"], tree["apiVersion"], *_name(tree))

    def reset(self) -> None:
        """Let the pods forget."""
        until("the gateway to be idle", self.idle)
        for backend in self.backends.values():
            backend.answer = status(200)
            backend.seen.clear()

    def logs(self) -> dict[str, str]:
        """The end of each program's log, by file name."""
        return {path.name: path.read_text(encoding="utf-8")[-5000:] for path in sorted(self.folder.glob("*.log"))}

    def _hold(self, services: list[Tree]) -> None:
        slices = []
        for tree in services:
            for port in tree["spec"]["ports"]:
                name = (*_name(tree), port["port"])
                if name not in self.backends:
                    self.backends[name] = Backend(
                        f"{tree['metadata']['namespace']}/{tree['metadata']['name']}:{name[2]}"
                    )
            slices.append(self._endpoints(tree))
        self._kube.hold([*self.mesh.objects(self._ports), *services, *slices, *self._config])

    def _endpoints(self, service: Tree) -> Tree:
        namespace, name = _name(service)
        ports = [
            {"name": port["name"], "port": self.backend(namespace, name, port["port"]).server.port, "protocol": "TCP"}
            for port in service["spec"]["ports"]
        ]
        return {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": {"name": name, "namespace": namespace, "labels": {"kubernetes.io/service-name": name}},
            "addressType": "IPv4",
            "ports": ports,
            "endpoints": [{"addresses": ["127.0.0.1"], "conditions": {"ready": True}}],
        }

    def _close_backends(self) -> None:
        for backend in self.backends.values():
            backend.server.close()

    def _start_pilot(self, stack: ExitStack, xds: int) -> None:
        nothing = self.folder / "none"
        process = self._start(
            stack,
            [
                *(self.programs.pilot, "discovery", "--kubeconfig", self._kube.kubeconfig(self.folder)),
                *("--meshConfig", _FIXTURES / "mesh.yaml", "--networksConfig", nothing, "--ctrlz_port", "0"),
                *("--grpcAddr", f"127.0.0.1:{xds}", "--httpAddr", "127.0.0.1:0", "--monitoringAddr", "127.0.0.1:0"),
                *("--secureGRPCAddr=", "--httpsAddr=", "--shutdownDuration", "100ms"),
            ],
            {**_PILOT, **self.mesh.pilot},
        )
        until("the control plane", lambda: _runs(process) and _listens(xds))

    def _start_envoy(self, stack: ExitStack, xds: int) -> None:
        bootstrap, address = self.folder / "envoy.yaml", self.folder / "admin"
        text = (_FIXTURES / "envoy.yaml").read_text(encoding="utf-8")
        bootstrap.write_text(Template(text).substitute(xds=xds), encoding="utf-8")
        process = self._start(
            stack,
            [
                *(self.programs.envoy, "-c", bootstrap, "--admin-address-path", address),
                *("--concurrency", "1", "--use-dynamic-base-id", "--log-level", "warning"),
                *("--component-log-level", "misc:error"),  # not each use of what Envoy deprecates
            ],
        )
        until("Envoy", lambda: _runs(process) and address.is_file() and ":" in address.read_text(encoding="utf-8"))
        self._admin = int(address.read_text(encoding="utf-8").rpartition(":")[2])

    def _start(
        self, stack: ExitStack, command: list[str | Path], environment: dict[str, str] | None = None
    ) -> subprocess.Popen[bytes]:
        log = stack.enter_context((self.folder / f"{Path(command[0]).name}.log").open("wb"))
        variables = {**os.environ, **(environment or {})}
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=variables)
        stack.callback(_stop, process)
        return process

    def _ask_admin(self, path: str) -> str:
        with closing(HTTPConnection("127.0.0.1", self._admin, timeout=_DEADLINE_SECONDS)) as connection:
            return ask(connection, "localhost", path).body


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_DEADLINE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _runs(process: subprocess.Popen[bytes]) -> bool:
    assert process.poll() is None, f"{process.args!r} ended with {process.returncode}"
    return True


def _listens(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def _free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for entry in sockets:
            entry.bind(("127.0.0.1", 0))
        return [entry.getsockname()[1] for entry in sockets]


def _name(tree: Tree) -> tuple[str, str]:
    return tree["metadata"]["namespace"], tree["metadata"]["name"]


def _of_kind(objects: Iterable[Tree], *kinds: str) -> list[Tree]:
    return [tree for tree in objects if tree["kind"] in kinds]

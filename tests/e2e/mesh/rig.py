"""An ingress gateway to test: Istio's control plane and Envoy, with the objects of a cluster that has no pods.

The control plane reads a stub of the Kubernetes API. Envoy is the upstream one, so nothing of Istio's proxy is needed.
Each port of each Service leads to a small HTTP server. Everything listens on the loopback device.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.e2e import waiting
from tests.e2e.mesh.backend import Backend, status
from tests.e2e.mesh.gateway import Answer, Pod, Programs, ask, connected, start_envoy, start_pilot
from tests.e2e.mesh.mesh import GATEWAYS, MARKER, Mesh
from tests.e2e.mesh.stub_kube import StubKube
from tests.support.processes import Processes, free_ports

Tree = dict[str, Any]
Name = tuple[str, str, int]
"""Namespace and name of a Service, and its port."""


def until(what: str, holds: Callable[[], bool]) -> None:
    """Poll the gateway, which answers at once, until a condition holds. Raises AssertionError if it never does."""
    waiting.until(what, holds, period=0.01)


@dataclass(slots=True)
class Rig:
    """The running gateway. `folder` receives the files that the programs read, and their logs."""

    programs: Programs
    folder: Path
    mesh: Mesh
    backends: dict[Name, Backend] = field(default_factory=dict)
    half_gone: set[tuple[str, str]] = field(default_factory=set)
    """Services that have a second pod, which refuses connections: namespace and name."""
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
            self._ports = dict(zip(GATEWAYS, free_ports(2), strict=True))
            # Gateways follow later: Istio sometimes serves no listener for one that it reads before its Service.
            self._kube.hold(tree for tree in self.mesh.objects(self._ports) if tree["kind"] != "Gateway")
            processes = Processes(self.folder, lambda _: None)
            stack.callback(processes.stop)
            xds = start_pilot(self.programs, processes, self._kube.kubeconfig(self.folder), self.mesh.pilot)
            self._admin = start_envoy(self.programs, processes, xds, Pod())
            self.feed([])
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop everything."""
        self._stack.close()

    def feed(self, objects: Iterable[Tree]) -> None:
        """Set the objects of the cluster, and wait until the gateway has them.

        The order is that of a deployment: new Services have endpoints before a route names them, and removed Services
        are deleted after the last route to them.
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
        """Set the routes of the cluster, without a change of its Services, and return the revision to wait for."""
        self._revision += 1
        self._config = [*_of_kind(objects, *self.mesh.routes), self.mesh.marker(self._revision)]
        self._hold(self._services)
        return self._revision

    def has(self, revision: int, port: int) -> bool:
        """Return whether a port of the gateway uses this revision of the routes."""
        try:
            return self.ask(MARKER, port=port).headers.get("location", "").endswith(f"/{revision}")
        except (ConnectionError, TimeoutError):
            return False

    def rejected(self) -> int:
        """Return how many updates of routes Envoy has rejected since it started."""
        text = self._ask_admin("/stats?filter=rds.*update_rejected")
        return sum(int(line.rpartition(": ")[2]) for line in text.splitlines())

    def backend(self, namespace: str, name: str, port: int) -> Backend:
        """Return the pod behind a port of a Service."""
        return self.backends[namespace, name, port]

    def connection(self, port: int = 80) -> closing[HTTPConnection]:
        """Return a connection to a port of the gateway."""
        return connected(self._ports[port])

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
        """Send one request on a connection of its own."""
        with self.connection(port) as connection:
            return ask(connection, host, path, method=method, headers=headers, body=body)

    def knows(self, namespace: str, name: str) -> bool:
        """Return whether the gateway still has the Service's endpoints."""
        return f"||{name}.{namespace}.svc.cluster.local::" in self._ask_admin("/clusters")

    def endpoints(self, namespace: str, name: str) -> int:
        """Return how many addresses of a Service the gateway has."""
        start = f"||{name}.{namespace}.svc.cluster.local::"
        lines = [line for line in self._ask_admin("/clusters").splitlines() if start in line]
        return len({line.partition(start)[2].partition("::")[0] for line in lines if "::health_flags::" in line})

    def idle(self) -> bool:
        """Return whether the gateway waits for no pod: all copies for mirrors have been answered too."""
        text = self._ask_admin("/stats?filter=upstream_rq_(active|pending_active)$")
        waiting = [line for line in text.splitlines() if "outbound" in line and not line.endswith(": 0")]
        return waiting == []

    def status(self, tree: Tree) -> Tree:
        """Return the status that the control plane last wrote for an object."""
        return self._kube.status(tree["kind"], tree["apiVersion"], *_name(tree))

    def reset(self) -> None:
        """Clear the recorded requests of all pods, and make them answer 200, once the gateway is idle."""
        until("the gateway to be idle", self.idle)
        for backend in self.backends.values():
            backend.answer = status(200)
            backend.seen.clear()

    def logs(self) -> dict[str, str]:
        """Return the end of each program's log, by file name."""
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
        # The servers listen on the first address only.
        addresses = ["127.0.0.1", *(["127.0.0.2"] if (namespace, name) in self.half_gone else [])]
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
            "endpoints": [{"addresses": [address], "conditions": {"ready": True}} for address in addresses],
        }

    def _close_backends(self) -> None:
        for backend in self.backends.values():
            backend.server.close()

    def _ask_admin(self, path: str) -> str:
        with connected(self._admin) as connection:
            return ask(connection, "localhost", path).body


def _name(tree: Tree) -> tuple[str, str]:
    return tree["metadata"]["namespace"], tree["metadata"]["name"]


def _of_kind(objects: Iterable[Tree], *kinds: str) -> list[Tree]:
    return [tree for tree in objects if tree["kind"] in kinds]

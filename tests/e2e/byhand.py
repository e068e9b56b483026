"""A fleet that a user delivers with kubectl, step by step, behind a gateway that clients call meanwhile."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.e2e.clients import Load
from tests.e2e.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.istio import Ingress
    from tests.e2e.kube import Tree
    from tests.e2e.repository import Repository
    from tests.e2e.rig import Rig

_KINDS = "deployments,services,serviceaccounts,configmaps,horizontalpodautoscalers,poddisruptionbudgets,networkpolicies"


@dataclass(frozen=True, slots=True)
class Fleet:
    """One app whose services share a host and listen on one port."""

    rig: Rig
    repository: Repository
    port: int

    @property
    def host(self) -> str:
        """The host that the services share."""
        return f"{self.repository.name}.example.com"

    @property
    def namespace(self) -> str:
        """The namespace of the services."""
        return self.repository.namespace("p")

    def write(self, number: int, *, day: int = 1, host: str = "", more: str = "", replicas: str = "2") -> None:
        """Write the spec of m-<number>, released on a day of November 2026; `more` are further lines."""
        self.repository.write(
            {
                f"services/p/a/m-{number}.yaml": f"model: m\nversion: v{number}\ntype: triton-server\ncommand: run\n"
                f"ports: {self.port}\nreplicas: {replicas}\nhost: {host or self.host}\n{more}"
                f"environments: {{{self.repository.environment()}: {{released: 2026-11-{day:02}T10:00:00Z}}}}\n"
            }
        )

    def destination(self, number: int) -> Tree:
        """Return the destination of a route to m-<number>."""
        return {
            "destination": {"host": f"m-{number}.{self.namespace}.svc.cluster.local", "port": {"number": self.port}}
        }

    def render(self) -> None:
        """Render the repository again, and apply the platform's objects, which include the namespace."""
        self.repository.servegen("render")
        self._apply("-k", f"platform/{self.repository.name}")

    def start_workloads(self) -> None:
        """Apply the workloads, and wait until the pods of all services are ready."""
        self._apply("-k", f"p/a/overlays/{self.repository.environment()}/workloads")
        names = self.rig.run("-n", self.namespace, "get", "deployments", "-o", "name").split()
        for name in names:
            self.rig.run("-n", self.namespace, "rollout", "status", name, "--timeout=90s")

    def lead_routes(self) -> None:
        """Apply the routes."""
        self._apply("-f", f"p/a/overlays/{self.repository.environment()}/routes")

    def prune(self, number: int) -> None:
        """Delete all objects of m-<number> except routes."""
        self.rig.run("-n", self.namespace, "delete", _KINDS, "-l", f"app.kubernetes.io/instance=m-{number}")

    @contextmanager
    def asked(self, gateway: Ingress) -> Iterator[Load]:
        """Have clients call the host while the block runs, which starts once m-1 answers each of them."""
        until("m-1 to answer", lambda: gateway.ask(self.host).body == "m-1")
        with Load(gateway.ports[80], self.host) as load:
            until("m-1 to answer each client", lambda: load.last(20) == {(200, "m-1")}, report=load.report)
            yield load

    def _apply(self, option: str, path: str) -> None:
        command = ("apply", "--server-side", "--force-conflicts", "--field-manager=e2e", option)
        self.rig.run(*command, str(self.repository.root / "rendered" / path))

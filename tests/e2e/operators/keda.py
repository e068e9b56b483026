"""KEDA beside the cluster: the operator, which makes autoscalers, and the server of the metrics that they read."""

from __future__ import annotations

import base64
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import yaml

from tests.e2e.cluster import APPLY
from tests.e2e.identity import write_identity
from tests.e2e.operators.manifests import Install
from tests.support.processes import Processes, answers, free_ports, listens

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.rig import Rig

_HERE: Final = "127.0.0.1"
_NAMESPACE: Final = "keda"
_SERVER: Final = "keda-metrics-apiserver"
_API: Final = "external.metrics.k8s.io/v1beta1"
# The API server of the rig has no certificate as a client, so that its requests to the metrics server are anonymous.
_READ_METRICS: Final = {
    "apiVersion": "rbac.authorization.k8s.io/v1",
    "kind": "ClusterRoleBinding",
    "metadata": {"name": "read-external-metrics"},
    "roleRef": {
        "apiGroup": "rbac.authorization.k8s.io",
        "kind": "ClusterRole",
        "name": "keda-external-metrics-reader",
    },
    "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "system:unauthenticated"}],
}


@contextmanager
def keda(rig: Rig, folder: Path) -> Iterator[Processes]:
    """Run KEDA while the block runs."""
    processes = Processes(folder / "logs", print)
    operator, metrics, grpc = free_ports(3)
    certificates = _certificates(folder / "certs")
    environment = {"KUBECONFIG": rig.kubeconfig, "WATCH_NAMESPACE": "", "POD_NAMESPACE": _NAMESPACE}
    try:
        _install(rig, metrics, certificates / "ca.crt")
        processes.start(
            "keda-operator",
            [
                *(rig.operators["keda-operator"], f"--cert-dir={certificates}", "--metrics-bind-address=0"),
                f"--health-probe-bind-address={_HERE}:{operator}",
                f"--metrics-service-bind-address={_HERE}:{grpc}",
            ],
            {**environment, "KEDA_CLUSTER_OBJECT_NAMESPACE": _NAMESPACE},
        )
        processes.await_("keda-operator", lambda: answers(f"http://{_HERE}:{operator}/readyz") and listens(grpc))
        _start_adapter(rig, processes, certificates, metrics, grpc, environment)
        yield processes
    finally:
        rig.run("delete", "apiservice", "v1beta1.external.metrics.k8s.io", "--ignore-not-found")
        processes.stop()


def _certificates(folder: Path) -> Path:
    """Write one identity for both programs, as KEDA has one, and return its folder."""
    folder.mkdir(parents=True)
    write_identity(f"{_SERVER}.{_NAMESPACE}.svc", folder / "tls.crt", folder / "tls.key")
    (folder / "ca.crt").write_bytes((folder / "tls.crt").read_bytes())
    return folder


def _install(rig: Rig, metrics: int, authority: Path) -> None:
    trees = Install(Path(rig.operators["keda-config"]), {_SERVER: metrics}).apply(rig)
    (api,) = [tree for tree in trees if tree["kind"] == "APIService"]
    api["spec"]["caBundle"] = base64.b64encode(authority.read_bytes()).decode()
    rig.run(*APPLY, "-f", "-", stdin=yaml.safe_dump_all([api, _READ_METRICS]))


def _start_adapter(
    rig: Rig, processes: Processes, certificates: Path, port: int, grpc: int, environment: dict[str, str]
) -> None:
    (own,) = free_ports(1)
    access = [f"--{what}-kubeconfig={rig.kubeconfig}" for what in ("lister", "authentication", "authorization")]
    processes.start(
        "keda-adapter",
        [
            *(rig.operators["keda-adapter"], *access, f"--bind-address={_HERE}", f"--secure-port={port}"),
            *(f"--metrics-service-address={_HERE}:{grpc}", f"--port={own}", f"--cert-dir={certificates}"),
            *(f"--tls-cert-file={certificates}/tls.crt", f"--tls-private-key-file={certificates}/tls.key"),
            *("--authentication-skip-lookup", "--authorization-always-allow-paths=/*"),
        ],
        environment,
    )
    processes.await_("keda-adapter", lambda: answers(f"{rig.address}/apis/{_API}"))

"""Flux's controllers: source-controller and kustomize-controller."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from tests.e2e.cluster import APPLY
from tests.support.processes import answers, free_ports

if TYPE_CHECKING:
    from tests.e2e.build import Built
    from tests.e2e.cluster import Cluster
    from tests.support.processes import Processes

_HERE: Final = "127.0.0.1"
_NAMESPACE: Final = "flux-system"


def start(built: Built, processes: Processes, cluster: Cluster) -> None:
    """Start both controllers for the cluster's namespace `flux-system`."""
    storage, *ports = free_ports(5)
    source_health, source_metrics, kustomize_health, kustomize_metrics = ports
    folder = cluster.folder / "flux"
    for name in ("artifacts", "tmp"):
        (folder / name).mkdir(parents=True)
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": _NAMESPACE}}
    cluster.run(*APPLY, "-f", "-", stdin=json.dumps(namespace))
    environment = {
        "KUBECONFIG": str(cluster.kubeconfig),
        "RUNTIME_NAMESPACE": _NAMESPACE,
        "TMPDIR": str(folder / "tmp"),
        "HOME": str(folder),
    }
    common = ("--events-addr", "", "--watch-all-namespaces=true", "--enable-leader-election=false")
    processes.start(
        "source-controller",
        [
            *(built.programs["source-controller"], *common, "--storage-path", folder / "artifacts"),
            *("--storage-addr", f"{_HERE}:{storage}", "--storage-adv-addr", f"{_HERE}:{storage}"),
            *("--health-addr", f"{_HERE}:{source_health}", "--metrics-addr", f"{_HERE}:{source_metrics}"),
        ],
        environment,
    )
    processes.start(
        "kustomize-controller",
        [
            *(built.programs["kustomize-controller"], *common, "--requeue-dependency", "1s"),
            *("--health-addr", f"{_HERE}:{kustomize_health}", "--metrics-addr", f"{_HERE}:{kustomize_metrics}"),
        ],
        environment,
    )
    processes.await_("source-controller", lambda: answers(f"http://{_HERE}:{source_health}/readyz"))
    processes.await_("kustomize-controller", lambda: answers(f"http://{_HERE}:{kustomize_health}/readyz"))

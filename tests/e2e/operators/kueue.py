"""Kueue beside the cluster, with its webhooks: it admits the pods of Deployments and of groups."""

from __future__ import annotations

import json
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.e2e.kube import Kube
from tests.e2e.operators.manifests import Install, mount_certificate
from tests.support.processes import Processes, answers, free_ports, listens

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.rig import Rig

_HERE: Final = "127.0.0.1"
_NAMESPACE: Final = "kueue-system"
_WEBHOOKS: Final = (
    ("mutatingwebhookconfiguration", "kueue-mutating-webhook-configuration"),
    ("validatingwebhookconfiguration", "kueue-validating-webhook-configuration"),
)


@contextmanager
def kueue(rig: Rig, folder: Path) -> Iterator[Processes]:
    """Run Kueue while the block runs."""
    processes = Processes(folder / "logs", print)
    health, webhooks = free_ports(2)
    certificates, config = folder / "certs", folder / "config.json"
    config.write_text(json.dumps(_config(health, webhooks, certificates)), encoding="utf-8")
    try:
        Install(Path(rig.operators["kueue-config"]), {"kueue-webhook-service": webhooks}).apply(rig)
        processes.start("kueue", [rig.operators["kueue"], f"--config={config}"], {"KUBECONFIG": rig.kubeconfig})
        secret = (Kube(rig.address), _NAMESPACE, "kueue-webhook-server-cert", certificates)
        processes.await_("kueue", lambda: mount_certificate(*secret) and listens(webhooks))
        processes.await_("kueue", lambda: answers(f"http://{_HERE}:{health}/readyz"))
        yield processes
    finally:
        for kind, name in _WEBHOOKS:
            rig.run("delete", kind, name, "--ignore-not-found")
        processes.stop()


def _config(health: int, webhooks: int, certificates: Path) -> dict[str, object]:
    return {
        "apiVersion": "config.kueue.x-k8s.io/v1beta2",
        "kind": "Configuration",
        "health": {"healthProbeBindAddress": f"{_HERE}:{health}"},
        "metrics": {"bindAddress": "0"},
        "webhook": {"host": _HERE, "port": webhooks, "certDir": str(certificates)},
        "leaderElection": {"leaderElect": False},
        "internalCertManagement": {"enable": True},
        "featureGates": {"VisibilityOnDemand": False},  # a server of its own, for people who ask how long they wait
        "integrations": {
            "frameworks": ["pod", "deployment", "statefulset", "leaderworkerset.x-k8s.io/leaderworkerset"]
        },
    }

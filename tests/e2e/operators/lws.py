"""The controller of LeaderWorkerSet beside the cluster, with its webhooks."""

from __future__ import annotations

import json
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.e2e.kube import Kube
from tests.e2e.operators.manifests import Install, mount_certificate
from tests.support.processes import Processes, free_ports, listens

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.rig import Rig

_HERE: Final = "127.0.0.1"
_NAMESPACE: Final = "lws-system"
_WEBHOOKS: Final = (
    ("mutatingwebhookconfiguration", "lws-mutating-webhook-configuration"),
    ("validatingwebhookconfiguration", "lws-validating-webhook-configuration"),
)


@contextmanager
def lws(rig: Rig, folder: Path) -> Iterator[Processes]:
    """Run the controller while the block runs."""
    processes = Processes(folder / "logs", print)
    health, webhooks = free_ports(2)
    certificates, config = folder / "certs", folder / "config.json"
    config.write_text(json.dumps(_config(health, webhooks, certificates)), encoding="utf-8")
    try:
        Install(Path(rig.operators["lws-config"]), {"lws-webhook-service": webhooks}).apply(rig)
        processes.start("lws", [rig.operators["lws"], f"--config={config}"], {"KUBECONFIG": rig.kubeconfig})
        secret = (Kube(rig.address), _NAMESPACE, "lws-webhook-server-cert", certificates)
        processes.await_("lws", lambda: mount_certificate(*secret) and listens(webhooks))
        yield processes
    finally:
        for kind, name in _WEBHOOKS:
            rig.run("delete", kind, name, "--ignore-not-found")
        processes.stop()


def _config(health: int, webhooks: int, certificates: Path) -> dict[str, object]:
    return {
        "apiVersion": "config.lws.x-k8s.io/v1alpha1",
        "kind": "Configuration",
        "health": {"healthProbeBindAddress": f"{_HERE}:{health}"},
        "metrics": {"bindAddress": "0"},
        "webhook": {"host": _HERE, "port": webhooks, "certDir": str(certificates)},
        "leaderElection": {"leaderElect": False},
        "internalCertManagement": {"enable": True},
    }

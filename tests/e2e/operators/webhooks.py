"""A controller beside the cluster that makes the certificate of its own webhooks."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.e2e.kube import Kube
from tests.e2e.operators.manifests import Install, mount_certificate
from tests.support.processes import Processes, answers, free_ports, listens

if TYPE_CHECKING:
    from tests.e2e.rig import Rig

_HERE: Final = "127.0.0.1"
_KINDS: Final = ("mutating", "validating")


@contextmanager
def controller(rig: Rig, folder: Path, name: str, own: Mapping[str, object]) -> Iterator[Processes]:
    """Run the controller `name` while the block runs. `own` are the keys of its config file that others do not have."""
    processes = Processes(folder / "logs", print)
    health, webhooks = free_ports(2)
    certificates, config = folder / "certs", folder / "config.json"
    config.write_text(json.dumps({**_config(health, webhooks, certificates), **own}), encoding="utf-8")
    try:
        Install(Path(rig.operators[f"{name}-config"]), {f"{name}-webhook-service": webhooks}).apply(rig)
        processes.start(name, [rig.operators[name], f"--config={config}"], {"KUBECONFIG": rig.kubeconfig})
        secret = (Kube(rig.address), f"{name}-system", f"{name}-webhook-server-cert", certificates)
        processes.await_(name, lambda: mount_certificate(*secret) and listens(webhooks))
        processes.await_(name, lambda: answers(f"http://{_HERE}:{health}/readyz"))
        yield processes
    finally:
        for kind in _KINDS:
            rig.run(
                "delete", f"{kind}webhookconfiguration", f"{name}-{kind}-webhook-configuration", "--ignore-not-found"
            )
        processes.stop()


def _config(health: int, webhooks: int, certificates: Path) -> dict[str, object]:
    return {
        "kind": "Configuration",
        "health": {"healthProbeBindAddress": f"{_HERE}:{health}"},
        "metrics": {"bindAddress": "0"},
        "webhook": {"host": _HERE, "port": webhooks, "certDir": str(certificates)},
        "leaderElection": {"leaderElect": False},
        "internalCertManagement": {"enable": True},
    }

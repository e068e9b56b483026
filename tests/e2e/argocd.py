"""Argo CD's repo-server and application controller, without user interface and API server."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.e2e.cluster import APPLY
from tests.support.processes import answers, free_ports, listens

if TYPE_CHECKING:
    from tests.e2e.build import Built
    from tests.e2e.cluster import Cluster
    from tests.support.processes import Processes

_HERE: Final = "127.0.0.1"
_FIXTURES: Final = Path(__file__).parent / "fixtures"


def start(built: Built, processes: Processes, cluster: Cluster, kustomize: Path) -> None:
    """Start both for the cluster's namespace `argocd`."""
    redis, repo, repo_metrics, metrics = free_ports(4)
    folder = cluster.folder / "argocd"
    environment = _environment(folder, cluster, kustomize)
    cluster.run(*APPLY, "-f", str(_FIXTURES / "argocd.yaml"))
    processes.start("redis", [built.programs["redis"], f"{_HERE}:{redis}"])
    processes.await_("redis", lambda: listens(redis))
    processes.start(
        "argocd-repo-server",
        [
            *(built.programs["argocd"], "--address", _HERE, "--port", str(repo), "--redis", f"{_HERE}:{redis}"),
            *("--metrics-address", _HERE, "--metrics-port", str(repo_metrics), "--disable-tls"),
            *("--client-ca-path", ""),  # its default is rejected together with --disable-tls
        ],
        {**environment, "ARGOCD_BINARY_NAME": "argocd-repo-server"},
    )
    processes.await_("argocd-repo-server", lambda: answers(f"http://{_HERE}:{repo_metrics}/healthz?full=true"))
    processes.start(
        "argocd-application-controller",
        [
            *(built.programs["argocd"], "--namespace", "argocd", "--metrics-port", str(metrics)),
            *("--repo-server", f"{_HERE}:{repo}", "--repo-server-plaintext", "--redis", f"{_HERE}:{redis}"),
            *("--app-resync", "10", "--app-resync-jitter", "0"),
        ],
        {**environment, "ARGOCD_BINARY_NAME": "argocd-application-controller"},
    )
    processes.await_("argocd-application-controller", lambda: answers(f"http://{_HERE}:{metrics}/healthz"))


def _environment(folder: Path, cluster: Cluster, kustomize: Path) -> dict[str, str]:
    places = {name: folder / name for name in ("tmp", "tls", "ssh", "gpg", "plugins", "bin")}
    for place in places.values():
        place.mkdir(parents=True)
    # The repo-server calls this program after each checkout, even if signatures are not verified.
    verifier = places["bin"] / "git-verify-wrapper.sh"
    verifier.write_text("#!/bin/sh\nexit 0\n", encoding="utf-8")
    verifier.chmod(0o755)
    return {
        "KUBECONFIG": str(cluster.kubeconfig),
        "PATH": os.pathsep.join((str(places["bin"]), str(kustomize.parent), os.environ["PATH"])),
        "HOME": str(folder),
        "TMPDIR": str(places["tmp"]),
        "ARGOCD_FAKE_IN_CLUSTER": "true",
        "ARGOCD_GPG_ENABLED": "false",
        "ARGOCD_TLS_DATA_PATH": str(places["tls"]),
        "ARGOCD_SSH_DATA_PATH": str(places["ssh"]),
        "ARGOCD_GPG_DATA_PATH": str(places["gpg"]),
        "ARGOCD_GNUPGHOME": str(places["gpg"]),
        "ARGOCD_PLUGINSOCKFILEPATH": str(places["plugins"]),
        "ARGOCD_APP_CONFIG_PATH": str(folder),
    }

"""A cluster of etcd, API server, controllers, scheduler and simulated nodes (kwok) on the loopback device."""

from __future__ import annotations

import json
import secrets
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Final

import yaml
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.e2e.kube import Kube, Tree, kubectl
from tests.e2e.network import PODS
from tests.support.processes import answers, free_ports, listens

if TYPE_CHECKING:
    from tests.e2e.build import Built
    from tests.support.processes import Processes

_HERE: Final = "127.0.0.1"
APPLY: Final = ("apply", "--server-side", "--field-manager=e2e")
CRDS: Final = ("apiextensions.k8s.io/v1", "customresourcedefinitions")
_FIXTURES: Final = Path(__file__).parent / "fixtures"
NODES: Final = _FIXTURES / "nodes.yaml"
# A Service of type ExternalName lets the API server reach a process on the loopback device; endpoints cannot be there.
_METRICS: Final = Template("""\
apiVersion: v1
kind: Service
metadata: {name: metrics, namespace: kube-system}
spec: {type: ExternalName, externalName: localhost, ports: [{port: $port}]}
---
apiVersion: apiregistration.k8s.io/v1
kind: APIService
metadata: {name: v1beta1.metrics.k8s.io}
spec:
  group: metrics.k8s.io
  version: v1beta1
  groupPriorityMinimum: 100
  versionPriority: 100
  insecureSkipTLSVerify: true
  service: {name: metrics, namespace: kube-system, port: $port}
""")


@dataclass(frozen=True, slots=True)
class Cluster:
    """A running cluster: `kubeconfig` grants all rights, and `address` can be queried without credentials."""

    folder: Path
    kubectl: Path
    kubeconfig: Path
    address: str
    usage: Path
    """The file of the usage that pods report, read again for each request: {namespace: {cpu, memory}}."""

    @property
    def kube(self) -> Kube:
        """A client of the cluster."""
        return Kube(self.address)

    def run(self, *arguments: str, stdin: str | None = None) -> str:
        """Run kubectl, and return what it prints."""
        return kubectl(self.kubectl, self.kubeconfig, *arguments, stdin=stdin)


def start(built: Built, processes: Processes, folder: Path) -> Cluster:
    """Start all components, and return when pods can be created."""
    etcd, peer, api, manager, scheduler, metrics, proxy = free_ports(7)
    programs, pki, token = built.programs, folder / "pki", secrets.token_hex(16)
    kubeconfig = _credentials(folder, pki, api, token)
    own = f"http://{_HERE}:{peer}"
    processes.start(
        "etcd",
        [
            *(programs["etcd"], "--name", "e2e", "--data-dir", folder / "etcd", "--log-level", "warn"),
            *("--listen-client-urls", f"http://{_HERE}:{etcd}", "--advertise-client-urls", f"http://{_HERE}:{etcd}"),
            *("--listen-peer-urls", own, "--initial-advertise-peer-urls", own, "--initial-cluster", f"e2e={own}"),
            "--unsafe-no-fsync",
        ],
    )
    processes.await_("etcd", lambda: answers(f"http://{_HERE}:{etcd}/health"))
    processes.start(
        "kube-apiserver",
        [
            *(programs["kube-apiserver"], "--etcd-servers", f"http://{_HERE}:{etcd}", "--cert-dir", pki),
            *("--bind-address", _HERE, "--advertise-address", _HERE, "--secure-port", str(api)),
            *("--endpoint-reconciler-type", "none", "--service-cluster-ip-range", "10.96.0.0/16"),
            *("--token-auth-file", folder / "tokens.csv", "--authorization-mode", "RBAC"),
            *("--service-account-issuer", "https://kubernetes.default.svc"),
            *("--service-account-key-file", pki / "sa.pub", "--service-account-signing-key-file", pki / "sa.key"),
            *("--allow-privileged=true", "--profiling=false"),
        ],
    )
    processes.await_("kube-apiserver", lambda: (pki / "apiserver.crt").is_file() and listens(api))
    processes.start("kubectl-proxy", [programs["kubectl"], "--kubeconfig", kubeconfig, "proxy", f"--port={proxy}"])
    cluster = Cluster(folder, programs["kubectl"], kubeconfig, f"http://{_HERE}:{proxy}", folder / "usage.json")
    processes.await_("kubectl-proxy", lambda: answers(f"{cluster.address}/readyz"))
    _start_controllers(built, processes, cluster, manager, scheduler)
    start_nodes(built, processes, cluster)
    cluster.run(*APPLY, "-f", str(built.crds))
    processes.await_("CRDs", lambda: all(_is(kind, "Established") for kind in cluster.kube.list(*CRDS)))
    _start_metrics(processes, cluster, metrics, f"https://{_HERE}:{api}", token)
    processes.await_("service accounts", lambda: cluster.kube.get("v1", "serviceaccounts", "default", "default"))
    return cluster


def _credentials(folder: Path, pki: Path, port: int, token: str) -> Path:
    """Write the files by which the components authenticate each other, and return the path of the kubeconfig.

    The API server creates its certificate by itself.
    """
    pki.mkdir(parents=True)
    folder.chmod(0o700)
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = serialization.Encoding.PEM
    private = serialization.PrivateFormat.TraditionalOpenSSL
    (pki / "sa.key").write_bytes(key.private_bytes(pem, private, serialization.NoEncryption()))
    public = serialization.PublicFormat.SubjectPublicKeyInfo
    (pki / "sa.pub").write_bytes(key.public_key().public_bytes(pem, public))
    (folder / "tokens.csv").write_text(f"{token},admin,admin,system:masters\n", encoding="utf-8")
    entry = {"server": f"https://{_HERE}:{port}", "certificate-authority": str(pki / "apiserver.crt")}
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "e2e",
        "clusters": [{"name": "e2e", "cluster": entry}],
        "users": [{"name": "admin", "user": {"token": token}}],
        "contexts": [{"name": "e2e", "context": {"cluster": "e2e", "user": "admin"}}],
    }
    path = folder / "kubeconfig"
    path.write_text(json.dumps(config), encoding="utf-8")
    return path


def _start_controllers(built: Built, processes: Processes, cluster: Cluster, manager: int, scheduler: int) -> None:
    pki, access = cluster.folder / "pki", ("--kubeconfig", str(cluster.kubeconfig))
    asks = [f"--{what}-kubeconfig={cluster.kubeconfig}" for what in ("authentication", "authorization")]
    serves = [f"--tls-cert-file={pki}/apiserver.crt", f"--tls-private-key-file={pki}/apiserver.key"]
    # With the default periods, an autoscaler needs minutes for the changes that the tests wait for.
    quick = {"sync-period": 2, "initial-readiness-delay": 1, "cpu-initialization-period": 1}
    times = [f"--horizontal-pod-autoscaler-{name}={seconds}s" for name, seconds in quick.items()]
    processes.start(
        "kube-controller-manager",
        [
            built.programs["kube-controller-manager"],
            *(*access, *asks, *serves, *times, "--leader-elect=false"),
            *("--bind-address", _HERE, "--secure-port", str(manager), "--root-ca-file", pki / "apiserver.crt"),
            *("--service-account-private-key-file", pki / "sa.key", "--node-monitor-grace-period", "24h"),
            "--horizontal-pod-autoscaler-downscale-stabilization=5s",
            # As late as it is by itself if several pods become ready at once: it retries after a second.
            "--endpointslice-updates-batch-period=1s",
        ],
    )
    processes.start(
        "kube-scheduler",
        [
            built.programs["kube-scheduler"],
            *(f"--config={_scheduler_config(cluster)}", *asks, *serves),
            *("--bind-address", _HERE, "--secure-port", str(scheduler)),
        ],
    )
    processes.await_("kube-controller-manager", lambda: listens(manager))
    processes.await_("kube-scheduler", lambda: listens(scheduler))


def start_nodes(built: Built, processes: Processes, cluster: Cluster) -> None:
    """Create simulated nodes in a cluster: kwok reports that they run the pods that the scheduler assigns to them."""
    (port,) = free_ports(1)
    processes.start(
        "kwok",
        [
            *(built.programs["kwok"], "--kubeconfig", cluster.kubeconfig, "--config", _FIXTURES / "kwok.yaml"),
            *("--manage-nodes-with-annotation-selector", "kwok.x-k8s.io/node=fake"),
            *("--cidr", PODS, "--node-ip", "10.0.0.1", "--server-address", f"{_HERE}:{port}"),
            *("--node-lease-duration-seconds", "40"),
        ],
    )
    processes.await_("kwok", lambda: answers(f"http://{_HERE}:{port}/healthz"))
    cluster.run(*APPLY, "-f", str(NODES))
    ours = {tree["metadata"]["name"] for tree in yaml.safe_load_all(NODES.read_text(encoding="utf-8"))}
    found = partial(cluster.kube.list, "v1", "nodes")
    processes.await_("nodes", lambda: ours <= {node["metadata"]["name"] for node in found() if _is(node, "Ready")})


def _scheduler_config(cluster: Cluster) -> Path:
    """Write the configuration of the scheduler, and return its path.

    One scheduler serves all scheduler names that pods use. It counts the resources of a GPU backend as the node
    declares them.
    """
    config = {
        "apiVersion": "kubescheduler.config.k8s.io/v1",
        "kind": "KubeSchedulerConfiguration",
        "clientConnection": {"kubeconfig": str(cluster.kubeconfig)},
        "leaderElection": {"leaderElect": False},
        "profiles": [{"schedulerName": name} for name in ("default-scheduler", "hami-scheduler")],
    }
    path = cluster.folder / "scheduler.json"
    path.write_text(json.dumps(config), encoding="utf-8")
    return path


def _is(tree: Tree, condition: str) -> bool:
    conditions = (tree.get("status") or {}).get("conditions") or ()  # null until a controller has processed the object
    return any(one["type"] == condition and one["status"] == "True" for one in conditions)


def _start_metrics(processes: Processes, cluster: Cluster, port: int, api: str, token: str) -> None:
    pki = cluster.folder / "pki"
    processes.start(
        "metrics",
        [
            *(sys.executable, "-m", "tests.e2e.metrics", "--port", str(port), "--api", api),
            *("--certificate", pki / "apiserver.crt", "--key", pki / "apiserver.key", "--usage", cluster.usage),
        ],
        {"E2E_TOKEN": token},
    )
    cluster.run(*APPLY, "-f", "-", stdin=_METRICS.substitute(port=port))
    processes.await_("metrics", lambda: answers(f"{cluster.address}/apis/metrics.k8s.io/v1beta1"))

"""Prometheus and prometheus-adapter beside the cluster, and a stand-in for exporters whose numbers a test sets."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any, Final

import yaml

from tests.e2e.cluster import APPLY
from tests.e2e.kube import Kube
from tests.e2e.metric_pages import serve_metrics
from tests.support.processes import Processes, answers, free_ports

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.rig import Rig

_HERE: Final = "127.0.0.1"
_EXPORTER_PATH: Final = "/exporter"
_OTHERS_PATH: Final = "/others"
_SERVICE: Final = "app.kubernetes.io/instance"
# Only one adapter can serve the API group, so tests that start one do not run at the same time: they have one group.
_API: Final = Template("""\
apiVersion: v1
kind: Service
metadata: {name: prometheus-adapter, namespace: kube-system}
spec: {type: ExternalName, externalName: localhost, ports: [{port: $port}]}
---
apiVersion: apiregistration.k8s.io/v1
kind: APIService
metadata: {name: v1beta2.custom.metrics.k8s.io}
spec:
  group: custom.metrics.k8s.io
  version: v1beta2
  groupPriorityMinimum: 100
  versionPriority: 200
  insecureSkipTLSVerify: true
  service: {name: prometheus-adapter, namespace: kube-system, port: $port}
---
# This API server has no certificate as a client, so that its requests to the adapter are anonymous.
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: read-metrics}
rules: [{apiGroups: [custom.metrics.k8s.io], resources: ["*"], verbs: [get, list]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: read-metrics}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: read-metrics}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: Group, name: "system:unauthenticated"}]
""")


@dataclass(slots=True)
class Exporter:
    """What is measured of the pods of services, by service and series.

    `gauges` are of an exporter that sees all pods; `counters`, with their increase per second, and `own` of the pods
    themselves. `others` are of no pod, by the series with its labels as text.
    """

    kube: Kube
    namespace: str
    gauges: dict[tuple[str, str], float] = field(default_factory=dict)
    counters: dict[tuple[str, str], float] = field(default_factory=dict)
    own: dict[tuple[str, str], float] = field(default_factory=dict)
    others: dict[str, float] = field(default_factory=dict)
    _counted: dict[tuple[str, str], float] = field(default_factory=dict)
    _at: float = field(default_factory=time.monotonic)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def text(self, path: str) -> str:
        """Return the metrics at a path of the three, in the format of Prometheus."""
        if path == _OTHERS_PATH:
            return "".join(f"{series} {value}\n" for series, value in self.others.items())
        pods = [pod for pod in self.kube.list("v1", "pods", self.namespace) if pod["status"].get("phase") == "Running"]
        lines = []
        values = self.gauges if path == _EXPORTER_PATH else {**self._counts(), **self.own}
        for (service, series), value in values.items():
            names = (pod["metadata"]["name"] for pod in pods if pod["metadata"]["labels"].get(_SERVICE) == service)
            lines += [f'{series}{{namespace="{self.namespace}",pod="{name}"}} {value}' for name in names]
        return "\n".join((*lines, ""))

    def _counts(self) -> dict[tuple[str, str], float]:
        with self._lock:
            now = time.monotonic()
            for key, increase in self.counters.items():
                self._counted[key] = self._counted.get(key, 0) + increase * (now - self._at)
            self._at = now
            return dict(self._counted)


@contextmanager
def measured(rig: Rig, namespace: str, folder: Path, rules: str) -> Iterator[Exporter]:
    """Run all three while the block runs: the adapter with these rules, and what `observed` runs."""
    processes = Processes(folder / "logs", print)
    with observed(rig, namespace, folder) as (exporter, address):
        try:
            _start_adapter(rig, processes, folder, address, rules)
            yield exporter
        finally:
            rig.run("delete", "apiservice", "v1beta2.custom.metrics.k8s.io", "--ignore-not-found")
            processes.stop()


@contextmanager
def observed(rig: Rig, namespace: str, folder: Path) -> Iterator[tuple[Exporter, str]]:
    """Run the stand-in, and Prometheus without `honor_labels`, while the block runs. Yield its address too."""
    exporter = Exporter(Kube(rig.address), namespace)
    processes = Processes(folder / "logs", print)
    with serve_metrics(exporter.text) as port:
        try:
            # A discovered target has the labels of its own pod: an exporter's own labels are renamed beside them.
            own = {"namespace": "monitoring", "pod": "exporter-0"}
            jobs = [
                job("exporter", port, _EXPORTER_PATH, own),
                job("pods", port, "/metrics", {}),
                job("others", port, _OTHERS_PATH, {}),
            ]
            yield exporter, start_prometheus(rig, processes, folder, jobs)
        finally:
            processes.stop()


def job(name: str, port: int, path: str, labels: dict[str, str]) -> dict[str, Any]:
    """Return the scrape configuration of one target on this machine, whose series get the labels."""
    target = {"targets": [f"{_HERE}:{port}"], "labels": labels}
    return {"job_name": name, "metrics_path": path, "static_configs": [target]}


def start_prometheus(
    rig: Rig,
    processes: Processes,
    folder: Path,
    jobs: list[dict[str, Any]],
    groups: list[dict[str, Any]] | None = None,
) -> str:
    """Start Prometheus, which scrapes the jobs every second and evaluates groups of rules, and return its address."""
    (port,) = free_ports(1)
    (folder / "rules.yml").write_text(yaml.safe_dump({"groups": groups or []}), encoding="utf-8")
    timing = {"scrape_interval": "1s", "scrape_timeout": "1s"}
    config = {"global": timing, "rule_files": ["rules.yml"], "scrape_configs": jobs}
    (folder / "prometheus.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
    assert rig.prometheus is not None
    processes.start(
        "prometheus",
        [
            *(rig.prometheus, f"--config.file={folder / 'prometheus.yml'}", f"--storage.tsdb.path={folder / 'tsdb'}"),
            *(f"--web.listen-address={_HERE}:{port}", "--log.level=warn"),
        ],
    )
    processes.await_("prometheus", lambda: answers(f"http://{_HERE}:{port}/-/ready"))
    return f"http://{_HERE}:{port}"


def _start_adapter(rig: Rig, processes: Processes, folder: Path, prometheus: str, rules: str) -> None:
    (port,) = free_ports(1)
    pki, config = Path(rig.kubeconfig).parent / "pki", folder / "adapter.yaml"
    config.write_text(rules, encoding="utf-8")
    assert rig.adapter is not None
    access = [f"--{what}-kubeconfig={rig.kubeconfig}" for what in ("lister", "authentication", "authorization")]
    processes.start(
        "prometheus-adapter",
        [
            *(rig.adapter, *access, f"--config={config}", f"--prometheus-url={prometheus}"),
            *(f"--bind-address={_HERE}", f"--secure-port={port}", "--metrics-relist-interval=2s"),
            *(f"--tls-cert-file={pki}/apiserver.crt", f"--tls-private-key-file={pki}/apiserver.key"),
            *("--authentication-skip-lookup", "--authorization-always-allow-paths=/*"),
        ],
    )
    rig.run(*APPLY, "-f", "-", stdin=_API.substitute(port=port))
    processes.await_("prometheus-adapter", lambda: answers(f"{rig.address}/apis/custom.metrics.k8s.io/v1beta2"))

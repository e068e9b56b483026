"""`istioctl analyze` on a cluster that holds the example fleet."""

from __future__ import annotations

import json
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any

from generator.pipeline.expected import expected_manifests
from generator.pipeline.plan import plan
from generator.repo.spec_files import read_spec_files
from tests.conftest import ROOT
from tests.e2e.mesh.mesh import GATEWAYS, LABELS, OF_ISTIO
from tests.e2e.mesh.stub_kube import StubKube
from tests.support.one_app import LIBRARY

Tree = dict[str, Any]
# Irrelevant to routes. A namespace without istio-injection would be reported (IST0102); pods set injection themselves.
OF_CLUSTER = ("Namespace", "PriorityClass")


def _example_fleet() -> list[Tree]:
    made = plan(read_spec_files(ROOT).contents, LIBRARY)
    return [e.tree for e in expected_manifests(made.fleet, made.routing, LIBRARY) if e.tree["kind"] not in OF_CLUSTER]


def _cluster(fleet: list[Tree]) -> list[Tree]:
    """Return the fleet with its namespaces, the mesh, and the gateway's pod."""
    names = sorted({tree["metadata"]["namespace"] for tree in fleet} | {"default", "istio-system"})
    labels = {"istio-injection": "disabled"}
    namespaces = [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}} for name in names
    ]
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "gateway", "namespace": "istio-system", "labels": LABELS},
        "spec": {"containers": [{"name": "istio-proxy", "image": "istio/proxyv2:1.31.0"}]},
        "status": {"phase": "Running"},
    }
    return [*namespaces, *OF_ISTIO.objects({port: port for port in GATEWAYS}), pod, *fleet]


def _analyzed(objects: list[Tree], istioctl: Path, folder: Path) -> list[tuple[str, str, str]]:
    """Return the analyzer's findings: code, object and message."""
    with closing(StubKube()) as kube:
        kube.hold(objects)
        config = str(kube.kubeconfig(folder))
        command = [str(istioctl), "analyze", "--all-namespaces", "--output", "json", "--kubeconfig", config]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return [(entry["code"], entry["origin"], entry["message"]) for entry in json.loads(done.stdout)]


def test_nothing_is_wrong_with_the_example_fleet(istioctl: Path, tmp_path: Path) -> None:
    assert _analyzed(_cluster(_example_fleet()), istioctl, tmp_path) == []


def test_a_service_that_is_not_there_is_found(istioctl: Path, tmp_path: Path) -> None:
    """The analyzer does check Services and routes, so that an empty result is meaningful."""
    gone = ("Service", "vision-prod", "detector-2026102")
    fleet = _example_fleet()
    left = [tree for tree in fleet if (tree["kind"], tree["metadata"]["namespace"], tree["metadata"]["name"]) != gone]
    assert len(left) == len(fleet) - 1
    message = 'Referenced host not found: "detector-2026102.vision-prod.svc.cluster.local"'
    assert _analyzed(_cluster(left), istioctl, tmp_path) == [
        ("IST0101", f"VirtualService vision-prod/detector.example.com-{port}", message) for port in GATEWAYS
    ]

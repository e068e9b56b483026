"""Rendered Deployments in a real cluster: pods that should fit run, the others stay pending for the expected reason.

The nodes are simulated (fixtures/nodes.yaml); admission, quota, volume binding and the scheduler are real.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

import pytest

from generator.core.programs.kustomize import build
from tests.conftest import ROOT
from tests.e2e.kube import Kube, Tree
from tests.e2e.rig import Rig
from tests.e2e.truths import made, namespaces
from tests.e2e.waiting import until
from tests.support.command import servegen
from tests.support.grants import grant_everything

# Names and ports of this test only: other tests use the example fleet with its real ones.
_LIVE: Final = (
    ("serving-high", "live-high"),
    ("serving-low", "live-low"),
    ("    stage: ", '    namespace: "live-{project}-{environment}"\n    stage: '),
    ("      mode: nodePort", "      ports: {inference: 32000+10*id}\n      mode: nodePort"),
)
_PLATFORM: Final = """\
servegen: ~=1.0
clusters:
  whole:
    domain: whole.example.com
    gateways: {"80": istio-system/serving}
    gpu: {backend: nvidia, nodes: gfd, cards: [A100-80G, A30, L4]}
  shares:
    domain: shares.example.com
    gateways: {"80": istio-system/serving}
    gpu: {backend: hami, nodes: gfd, cards: [A10]}
  cube:
    domain: cube.example.com
    gateways: {"80": istio-system/serving}
    gpu: {backend: hami, nodes: cube, cards: [T4, A100-80G]}
environments:
  whole: {cluster: whole, stage: prod, requires: none}
  shares: {cluster: shares, stage: prod, requires: none}
  cube: {cluster: cube, stage: prod, requires: none}
"""
_SPEC: Final = """\
model: m
version: v{number}
type: triton-server
command: run
replicas: {replicas}
resources: {{cpu: 1, memory: 1G, gpu: "{gpu}"}}
environments: {{{environment}: }}
"""
# Environment, GPU, replicas; number of running pods, their node, and the scheduler's message for the other pods.
_REQUESTS: Final = (
    ("whole", "2(A100-80G)", 1, 1, "nvidia-a100", ""),
    ("whole", "8(A100-80G)", 1, 0, "", "Insufficient nvidia.com/gpu"),
    ("whole", "1(L4)", 1, 0, "", "didn't match Pod's node affinity/selector"),
    ("whole", "1(A30)", 1, 0, "", "untolerated taint"),
    ("shares", "0.5(A10)", 5, 4, "hami-a10", "Insufficient nvidia.com/gpucores"),
    ("cube", "1(T4)", 1, 1, "cube-t4", ""),
    ("cube", "8G,0.2(T4)", 2, 2, "cube-t4", ""),
    ("cube", "1(A100-80G)", 1, 0, "", "didn't match Pod's node affinity/selector"),
    ("cube", "0", 1, 1, "cpu-1", ""),
)


@pytest.mark.own
def test_the_example_fleet_comes_up(rig: Rig, kube: Kube, kustomize: Path, tmp_path: Path) -> None:
    """Everything becomes available after `kustomize build` of a fresh render is applied.

    Applying the same objects again changes nothing.
    """
    trees = _example(tmp_path, kustomize)
    with namespaces(rig, kube, trees):
        rig.apply([*_claims(trees), *trees])
        spaces = sorted({tree["metadata"]["namespace"] for tree in trees if tree["kind"] == "Deployment"})
        assert [space for space in spaces if space.startswith("live-")] == spaces
        assert len(spaces) == 6
        until("all Deployments", lambda: not _unavailable(kube, spaces), report=lambda: _report(kube, spaces))
        before = _generations(kube, spaces)
        rig.apply(trees)
        assert _generations(kube, spaces) == before
        detectors = [pod for pod in _pods(kube, "live-vision-prod") if "detector" in pod["metadata"]["name"]]
        assert {pod["spec"]["nodeName"] for pod in detectors} == {"hami-t4"}
        assert {pod["spec"]["priority"] for pod in detectors} == {1000}
    for tree in trees:
        if tree["kind"] == "PriorityClass":
            kube.delete("scheduling.k8s.io/v1", "priorityclasses", None, tree["metadata"]["name"])
    for number in range(len(_claims(trees)) // 2):
        kube.delete("v1", "persistentvolumes", None, f"live-{number}")


@pytest.mark.own
def test_gpu_requests_fit_where_they_should(rig: Rig, kube: Kube) -> None:
    specs = {"services/platform.yaml": grant_everything(_PLATFORM).encode()}
    for number, (environment, gpu, replicas, *_) in enumerate(_REQUESTS):
        text = _SPEC.format(number=number, replicas=replicas, gpu=gpu, environment=environment)
        specs[f"services/gpu/a/m-{number}.yaml"] = text.encode()
    objects = [one.tree for one in made(specs)]
    workloads = [tree for tree in objects if tree["kind"] in ("Deployment", "ServiceAccount")]
    pods = sum(replicas for _, _, replicas, *_ in _REQUESTS)
    with namespaces(rig, kube, workloads):
        rig.apply(workloads)
        until("every pod to be judged", lambda: _judged(_placed(kube)) == pods, report=lambda: _placed(kube))
        found = _placed(kube)
    for number, (_, gpu, replicas, runs, node, why) in enumerate(_REQUESTS):
        places, reasons = found[f"m-{number}"]
        assert (places, len(reasons)) == ([node] * runs, replicas - runs), gpu
        assert all(why in reason for reason in reasons), (gpu, reasons)


def _example(folder: Path, kustomize: Path) -> list[Tree]:
    """Return the objects of the example fleet, rendered again with names of this test only."""
    shutil.copytree(ROOT / "services", folder / "services")
    for path in (folder / "services").rglob("*.yaml"):
        text = path.read_text(encoding="utf-8")
        for old, new in _LIVE:
            text = text.replace(old, new)
        path.write_text(text, encoding="utf-8")
    done = servegen(folder, "render")
    assert done.returncode == 0, done.stderr
    rendered = folder / "rendered"
    places = [*sorted(rendered.glob("platform/*")), *sorted(rendered.glob("*/*/overlays/*"))]
    return [tree for place in places for tree in build(place, kustomize)]


def _claims(trees: list[Tree]) -> list[Tree]:
    """Return a volume and a claim for each claim that a pod mounts; no real container mounts them."""
    named = {
        (tree["metadata"]["namespace"], volume["persistentVolumeClaim"]["claimName"])
        for tree in trees
        if tree["kind"] == "Deployment"
        for volume in tree["spec"]["template"]["spec"].get("volumes", ())
        if "persistentVolumeClaim" in volume
    }
    return [tree for number, place in enumerate(sorted(named)) for tree in _claim(f"live-{number}", *place)]


def _claim(volume: str, namespace: str, name: str) -> list[Tree]:
    shared = {"accessModes": ["ReadWriteMany"], "storageClassName": ""}
    of_volume = {"capacity": {"storage": "1Gi"}, "nfs": {"server": "nfs.example.com", "path": "/"}}
    of_claim = {"resources": {"requests": {"storage": "1Gi"}}, "volumeName": volume}
    return [
        {"apiVersion": "v1", "kind": "PersistentVolume", "metadata": {"name": volume}, "spec": {**shared, **of_volume}},
        {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": {"name": name, "namespace": namespace},
            "spec": {**shared, **of_claim},
        },
    ]


def _deployments(kube: Kube, spaces: list[str]) -> list[Tree]:
    return [tree for space in spaces for tree in kube.list("apps/v1", "deployments", space)]


def _unavailable(kube: Kube, spaces: list[str]) -> list[str]:
    """Return the Deployments that do not have all their replicas available."""
    return [
        f"{tree['metadata']['namespace']}/{tree['metadata']['name']}"
        for tree in _deployments(kube, spaces)
        if tree["status"].get("availableReplicas", 0) != tree["spec"]["replicas"]
        or not any(one["type"] == "Available" and one["status"] == "True" for one in tree["status"]["conditions"])
    ]


def _generations(kube: Kube, spaces: list[str]) -> dict[str, int]:
    """Return the generation of each Deployment, which increases with each change of its spec."""
    trees = _deployments(kube, spaces)
    return {f"{t['metadata']['namespace']}/{t['metadata']['name']}": t["metadata"]["generation"] for t in trees}


def _report(kube: Kube, spaces: list[str]) -> list[object]:
    """Return what keeps pods from running: the unavailable Deployments, and the messages of warning events."""
    events = [event for space in spaces for event in kube.list("v1", "events", space) if event["type"] == "Warning"]
    return [*_unavailable(kube, spaces), *(event["message"] for event in events)]


def _pods(kube: Kube, namespace: str) -> list[Tree]:
    return kube.list("v1", "pods", namespace)


def _placed(kube: Kube) -> dict[str, tuple[list[str], list[str]]]:
    """Return, for each service, the nodes of its running pods and the scheduler's messages for unschedulable pods."""
    out: dict[str, tuple[list[str], list[str]]] = {}
    for pod in [pod for environment in ("whole", "shares", "cube") for pod in _pods(kube, f"gpu-{environment}")]:
        nodes, reasons = out.setdefault(pod["metadata"]["labels"]["app.kubernetes.io/instance"], ([], []))
        unscheduled = [one for one in pod["status"].get("conditions", ()) if one.get("reason") == "Unschedulable"]
        if pod["status"]["phase"] == "Running":
            nodes.append(pod["spec"]["nodeName"])
        elif unscheduled:
            reasons.append(unscheduled[0]["message"])
    return out


def _judged(placed: dict[str, tuple[list[str], list[str]]]) -> int:
    return sum(len(nodes) + len(reasons) for nodes, reasons in placed.values())

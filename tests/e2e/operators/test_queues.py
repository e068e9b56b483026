"""Rendered queues and services under the real Kueue: it admits pods within the quotas, and counts what they state."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, Final

import pytest

from tests.e2e.argocd_apps import Delivery
from tests.e2e.kube import Kube, Tree
from tests.e2e.rig import Rig
from tests.e2e.truths import made
from tests.e2e.waiting import until
from tests.support.grants import grant_everything
from tests.support.processes import Processes

_PLATFORM: Final = """\
servegen: ~=1.0
clusters:
  main:
    domain: queues.example.com
    kubernetes: "1.36"
    gateways: {{"80": istio-system/serving}}
    gpu: {{backend: {backend}, nodes: gfd, cards: [T4, A100-80G]}}
    kueue: {kueue}
environments:
  prod: {{cluster: main, stage: prod, requires: none, namespace: {namespace}}}
"""
_SPEC: Final = """\
model: {model}
version: v1
type: {type}
image: example.com/m:1
command: run
health: 8000:/health
replicas: {replicas}
resources: {{gpu: "{gpu}", cpu: 1, memory: 1G}}
environments: {{prod: }}
"""
_VERSION: Final = "kueue.x-k8s.io/v1beta2"
_QUEUES: Final = ("clusterqueues", "resourceflavors")
_INSTANCE: Final = "app.kubernetes.io/instance"
_QUEUE: Final = "kueue.x-k8s.io/queue-name"
_GATE: Final = "kueue.x-k8s.io/admission"

pytestmark = pytest.mark.paper


def _spec(model: str, replicas: int, gpu: str, *, nodes: int = 1) -> str:
    more = f"nodes: {nodes}\n" if nodes > 1 else ""
    return _SPEC.format(model=model, type="vllm" if nodes > 1 else "serving", replicas=replicas, gpu=gpu) + more


@contextmanager
def _applied(rig: Rig, kube: Kube, namespace: str, backend: str, kueue: str, **specs: str) -> Iterator[list[Tree]]:
    """Apply services, by project and model, with the queues of a cluster, and delete all of it after the block."""
    platform = _PLATFORM.format(backend=backend, kueue=kueue, namespace=namespace)
    files = {f"services/{name.replace('_', '/a/')}-1.yaml": text.encode() for name, text in specs.items()}
    trees = [one.tree for one in made({"services/platform.yaml": grant_everything(platform).encode(), **files})]
    rig.apply(trees)
    try:
        yield trees
    finally:
        _clear(kube, namespace)


def _clear(kube: Kube, namespace: str) -> None:
    """Delete all pods, and then the queues, which have the same names in each test."""
    kube.delete_all("apps/v1", "deployments", namespace)
    kube.delete_all("leaderworkerset.x-k8s.io/v1", "leaderworkersets", namespace)
    until("the pods to go", lambda: not kube.list("v1", "pods", namespace))
    for kind in _QUEUES:
        kube.delete_all(_VERSION, kind)
    until("the queues to go", lambda: not any(kube.list(_VERSION, kind) for kind in _QUEUES))


def _pods(kube: Kube, namespace: str) -> dict[str, tuple[int, int]]:
    """Return how many pods of each service run, and how many wait for Kueue."""
    found: dict[str, tuple[int, int]] = {}
    for pod in kube.list("v1", "pods", namespace):
        name = pod["metadata"]["labels"][_INSTANCE]
        waits = any(gate["name"] == _GATE for gate in pod["spec"].get("schedulingGates", ()))
        runs = pod["status"].get("phase") == "Running"
        before = found.get(name, (0, 0))
        found[name] = (before[0] + runs, before[1] + waits)
    return found


def _await_pods(kube: Kube, namespace: str, **wanted: tuple[int, int]) -> None:
    named = {f"{model}-1": counts for model, counts in wanted.items()}
    until(f"{named}", lambda: _pods(kube, namespace) == named, report=lambda: _report(kube, namespace))


def _usage(kube: Kube, queue: str = "servegen") -> dict[str, str]:
    """Return what a ClusterQueue counts."""
    found = kube.get(_VERSION, "clusterqueues", None, queue) or {}
    flavors: list[Tree] = found.get("status", {}).get("flavorsUsage", [])
    return {one["name"]: one["total"] for flavor in flavors for one in flavor["resources"]}


def _report(kube: Kube, namespace: str) -> list[Any]:
    workloads = kube.list(_VERSION, "workloads", namespace)
    return [_pods(kube, namespace), *(tree.get("status", {}).get("conditions") for tree in workloads)]


def test_pods_of_a_deployment_are_admitted_one_by_one(rig: Rig, kube: Kube, namespace: str, queues: Processes) -> None:
    assert queues.running
    first, second = _spec("m", 2, "1(T4)"), _spec("n", 2, "1(T4)")
    with _applied(rig, kube, namespace, "hami", "{quota: {gpu: 3}}", p_m=first, p_n=second):
        until("three pods to run", lambda: sum(runs for runs, _ in _pods(kube, namespace).values()) == 3)
        assert sum(waits for _, waits in _pods(kube, namespace).values()) == 1
        assert _usage(kube)["nvidia.com/gpu"] == "3"
        kube.delete("apps/v1", "deployments", namespace, "m-1")
        _await_pods(kube, namespace, n=(2, 0))


def test_shares_of_cards_are_counted_in_mebibytes(rig: Rig, kube: Kube, namespace: str, queues: Processes) -> None:
    assert queues.running
    quota = "{quota: {gpu: 40, resources: {nvidia.com/gpumem: 6144, nvidia.com/gpucores: 400}}}"
    with _applied(rig, kube, namespace, "hami", quota, p_m=_spec("m", 3, "0.2(T4)")):
        _await_pods(kube, namespace, m=(2, 1))  # 0.2 of 15360 MiB are 3072 MiB
        used = _usage(kube)
        assert {name: used[f"nvidia.com/{name}"] for name in ("gpu", "gpumem", "gpucores")} == {
            "gpu": "2",
            "gpumem": "6144",
            "gpucores": "40",
        }


def test_a_group_is_admitted_as_a_whole(rig: Rig, kube: Kube, namespace: str, queues: Processes) -> None:
    assert queues.running
    with _applied(rig, kube, namespace, "nvidia", "{quota: {gpu: 3}}", p_m=_spec("m", 2, "1(A100-80G)", nodes=2)):
        _await_pods(kube, namespace, m=(2, 2))
        assert _usage(kube)["nvidia.com/gpu"] == "2"


def test_projects_lend_each_other_what_they_do_not_use(rig: Rig, kube: Kube, namespace: str, queues: Processes) -> None:
    assert queues.running
    facts = "{quota: {gpu: 1}, projects: {p: {gpu: 2}}}"
    with _applied(rig, kube, namespace, "hami", facts, q_n=_spec("n", 3, "1(T4)")) as trees:
        owned = [tree["metadata"]["name"] for tree in trees if tree["kind"] == "ClusterQueue"]
        assert sorted(owned) == ["servegen", "servegen-p"]
        _await_pods(kube, namespace, n=(3, 0))
        assert _usage(kube)["nvidia.com/gpu"] == "3"


def test_the_queue_of_what_runs_cannot_change(rig: Rig, kube: Kube, namespace: str, queues: Processes) -> None:
    assert queues.running
    services = {"p_m": _spec("m", 1, "1(T4)"), "p_n": _spec("n", 1, "1(A100-80G)", nodes=2)}
    with _applied(rig, kube, namespace, "nvidia", "{quota: {gpu: 9}}", **services) as trees:
        _await_pods(kube, namespace, m=(1, 0), n=(2, 0))
        for tree in (tree for tree in trees if tree["kind"] in ("Deployment", "LeaderWorkerSet")):
            labels = tree["metadata"]["labels"]
            until("the pods to be ready", partial(_is_ready, kube, tree))
            for changed in ({**labels, _QUEUE: "batch"}, {key: labels[key] for key in labels if key != _QUEUE}):
                other = {**tree, "metadata": {**tree["metadata"], "labels": changed}}
                answer = rig.apply([other], "--dry-run=server", accepted=(1,))
                assert f"metadata.labels[{_QUEUE}]" in answer
                assert "field is immutable" in answer


def _is_ready(kube: Kube, tree: Tree) -> bool:
    """Return whether all replicas are ready."""
    plural = f"{tree['kind'].lower()}s"
    found = kube.get(tree["apiVersion"], plural, tree["metadata"]["namespace"], tree["metadata"]["name"]) or {}
    return bool(found.get("status", {}).get("readyReplicas") == 1)


@pytest.mark.argocd
def test_argocd_delivers_queues_and_what_they_admit(
    kube: Kube, deliver: Callable[..., Delivery], queues: Processes
) -> None:
    assert queues.running
    facts = "    gpu: {backend: nvidia, nodes: gfd, cards: [T4, A100-80G]}\n    kueue: {quota: {cpu: 99, gpu: 3}}\n"
    delivery = deliver("queues-argocd", facts=facts)
    repository = delivery.repository
    specs = {"m": _spec("m", 1, "1(T4)"), "n": _spec("n", 1, "1(A100-80G)", nodes=2)}
    repository.write({f"services/p/a/{name}-1.yaml": _undeployed(text) for name, text in specs.items()})
    for name in specs:
        repository.servegen("deploy", f"{name}-1", repository.environment())
    try:
        delivery.bootstrap_at(repository.push())
        _await_pods(kube, repository.namespace("p"), m=(1, 0), n=(2, 0))
        assert _usage(kube)["nvidia.com/gpu"] == "3"
    finally:
        delivery.clear()
        _clear(kube, repository.namespace("p"))


def _undeployed(spec: str) -> str:
    return spec.replace("environments: {prod: }\n", "")

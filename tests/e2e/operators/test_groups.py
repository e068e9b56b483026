"""Rendered LeaderWorkerSets under the real controller and its webhooks, on simulated nodes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest

from tests.e2e.argocd_apps import Delivery
from tests.e2e.flux_apps import Stage
from tests.e2e.kube import Kube, Tree
from tests.e2e.rig import Rig
from tests.e2e.serving import STUCK
from tests.e2e.truths import made
from tests.e2e.usage import use
from tests.e2e.waiting import until
from tests.support.grants import grant_everything
from tests.support.processes import Processes

_PLATFORM: Final = """\
servegen: ~=1.0
clusters:
  main:
    domain: groups.example.com
    kubernetes: "1.36"
    gateways: {{"80": istio-system/serving}}
    gpu: {{backend: nvidia, nodes: gfd, cards: [A100-80G]}}
environments:
  prod: {{cluster: main, stage: prod, requires: none, namespace: {namespace}}}
"""
_MODEL: Final = """\
versions: {v1: {path: "oci://registry.example.com/models/m@sha256:%s", framework: transformers}}
"""
_SPEC: Final = """\
model: m
version: v1
type: {type}
nodes: 2
resources: {{gpu: 8(A100-80G), cpu: 1, memory: 1G}}
environments: {{prod: }}
"""
_NODES: Final = tuple(f"group-{number}" for number in range(1, 17))
_SETS: Final = ("leaderworkerset.x-k8s.io/v1", "leaderworkersets")
_SET_NAME, _WORKER_INDEX = "leaderworkerset.sigs.k8s.io/name", "leaderworkerset.sigs.k8s.io/worker-index"
_VARIABLE: Final = re.compile(r"\$\((\w+)\)")

pytestmark = pytest.mark.paper


@pytest.fixture(scope="module", autouse=True)
def cards(rig: Rig, kube: Kube, groups: Processes) -> Iterator[None]:
    """Nodes with eight cards each, for pods that need all of them."""
    assert groups.running
    rig.apply(_node(name) for name in _NODES)
    yield
    for name in _NODES:
        kube.delete("v1", "nodes", None, name)


def _node(name: str) -> Tree:
    capacity = {"cpu": "64", "memory": "1Ti", "ephemeral-storage": "1Ti", "pods": "50", "nvidia.com/gpu": "8"}
    labels = {"kubernetes.io/hostname": name, "nvidia.com/gpu.product": "NVIDIA-A100-SXM4-80GB"}
    about = {"name": name, "labels": labels, "annotations": {"kwok.x-k8s.io/node": "fake"}}
    status = {"capacity": capacity, "allocatable": capacity}
    return {"apiVersion": "v1", "kind": "Node", "metadata": about, "status": status}


def _apply(rig: Rig, namespace: str, *lines: str, type: str = "vllm") -> list[Tree]:
    """Apply the objects of a service, and return them."""
    spec = _SPEC.format(type=type) + "".join(f"{line}\n" for line in lines)
    files = {
        "services/platform.yaml": grant_everything(_PLATFORM.format(namespace=namespace)),
        "services/p/models/m.yaml": _MODEL % ("a" * 64),
        "services/p/a/m-1.yaml": spec,
    }
    trees = [one.tree for one in made({name: text.encode() for name, text in files.items()})]
    rig.apply(trees)
    return trees


def _pods(kube: Kube, namespace: str, name: str = "m-1") -> dict[str, Tree]:
    found = kube.list("v1", "pods", namespace, labelSelector=f"{_SET_NAME}={name}")
    return {pod["metadata"]["name"]: pod for pod in found}


def _conditions(kube: Kube, namespace: str, name: str = "m-1") -> dict[str, str]:
    found = kube.get(*_SETS, namespace, name) or {}
    return {one["type"]: one["status"] for one in found.get("status", {}).get("conditions", ())}


def _await_available(kube: Kube, namespace: str, groups: int) -> None:
    """Wait until a set of so many groups is ready."""

    def ready() -> bool:
        found = kube.get(*_SETS, namespace, "m-1") or {}
        count = found.get("status", {}).get("readyReplicas")
        return count == groups and _conditions(kube, namespace).get("Available") == "True"

    until(f"{groups} groups to be ready", ready, report=lambda: _report(kube, namespace))


def _report(kube: Kube, namespace: str) -> list[Any]:
    pods = {name: pod["status"] for name, pod in _pods(kube, namespace).items()}
    scalers = kube.list("autoscaling/v2", "horizontalpodautoscalers", namespace)
    return [*(tree.get("status") for tree in (*kube.list(*_SETS, namespace), *scalers)), pods]


def test_pods_of_vllm_have_what_its_commands_expect(rig: Rig, kube: Kube, namespace: str) -> None:
    _has_what_the_commands_expect(rig, kube, namespace, "vllm")


def test_pods_of_sglang_have_what_its_commands_expect(rig: Rig, kube: Kube, namespace: str) -> None:
    _has_what_the_commands_expect(rig, kube, namespace, "sglang")


def _has_what_the_commands_expect(rig: Rig, kube: Kube, namespace: str, server: str) -> None:
    _apply(rig, namespace, "replicas: 2", type=server)
    _await_available(kube, namespace, 2)
    pods = _pods(kube, namespace)
    assert sorted(pods) == ["m-1-0", "m-1-0-1", "m-1-1", "m-1-1-1"]
    sets = {tree["metadata"]["name"] for tree in kube.list("apps/v1", "statefulsets", namespace)}
    assert sets == {"m-1", "m-1-0", "m-1-1"}
    for name, pod in pods.items():
        group, index = name.split("-")[2], name.count("-") - 1 if name.count("-") == 3 else 0
        (container,) = pod["spec"]["containers"]
        variables = {one["name"]: one.get("value") for one in container["env"]}
        assert variables["LWS_LEADER_ADDRESS"] == f"m-1-{group}.m-1-{group}.{namespace}"
        assert (variables["LWS_GROUP_SIZE"], variables["LWS_WORKER_INDEX"]) == ("2", "1" if index else "0")
        assert {*_VARIABLE.findall(" ".join(container["command"]))} >= {"LWS_LEADER_ADDRESS", "LWS_WORKER_INDEX"}
        _declares_what_it_uses(container)
    _has_an_address(kube, namespace, pods["m-1-1"])
    assert len({pod["spec"]["nodeName"] for pod in pods.values()}) == 4


def _declares_what_it_uses(container: Tree) -> None:
    """Check that a variable stands before each that uses it: otherwise the kubelet leaves its name as it is."""
    known = set[str]()
    for one in container["env"]:
        assert {*_VARIABLE.findall(one.get("value") or "")} <= known
        known.add(one["name"])
    assert {*_VARIABLE.findall(" ".join(container["command"]))} <= known


def _has_an_address(kube: Kube, namespace: str, leader: Tree) -> None:
    """Check that the cluster's DNS knows the host of LWS_LEADER_ADDRESS, also before the leader is ready."""
    name = leader["metadata"]["name"]
    assert (leader["spec"]["hostname"], leader["spec"]["subdomain"]) == (name, name)
    service = kube.get("v1", "services", namespace, name)
    assert service is not None
    assert (service["spec"]["clusterIP"], service["spec"]["publishNotReadyAddresses"]) == ("None", True)
    assert service["spec"]["selector"].items() <= leader["metadata"]["labels"].items()


def test_requests_and_evictions_reach_whole_groups(rig: Rig, kube: Kube, namespace: str) -> None:
    _apply(rig, namespace, "replicas: 2")
    _await_available(kube, namespace, 2)
    pods = _pods(kube, namespace)
    leaders = {pods[name]["status"]["podIP"] for name in ("m-1-0", "m-1-1")}
    until("the Service to lead to the leaders", lambda: _addresses(kube, namespace, "m-1") == leaders)

    def budget() -> Tree:
        (found,) = kube.list("policy/v1", "poddisruptionbudgets", namespace)
        return {key: found["status"].get(key) for key in ("expectedPods", "desiredHealthy", "disruptionsAllowed")}

    wanted = {"expectedPods": 4, "desiredHealthy": 3, "disruptionsAllowed": 1}
    until(f"{wanted}", lambda: budget() == wanted, report=budget)


def _addresses(kube: Kube, namespace: str, service: str) -> set[str]:
    slices = kube.list(
        "discovery.k8s.io/v1", "endpointslices", namespace, labelSelector=f"kubernetes.io/service-name={service}"
    )
    return {address for one in slices for endpoint in one["endpoints"] or () for address in endpoint["addresses"]}


def test_a_container_that_restarts_restarts_its_group(rig: Rig, kube: Kube, namespace: str) -> None:
    _apply(rig, namespace, "replicas: 2")
    # The groups are available when their leaders are ready, whatever their workers are.
    until("both pods of both groups to run", lambda: _running(kube, namespace) == 4)
    before = {name: pod["metadata"]["uid"] for name, pod in _pods(kube, namespace).items()}
    (status,) = _pods(kube, namespace)["m-1-0-1"]["status"]["containerStatuses"]
    rig.run(
        *("patch", "pod", "m-1-0-1", "--namespace", namespace, "--subresource=status", "--type=merge"),
        *("--patch", f'{{"status": {{"containerStatuses": [{json.dumps({**status, "restartCount": 1})}]}}}}'),
    )
    until("the group to start again", lambda: _replaced(kube, namespace, before) == {"m-1-0", "m-1-0-1"})
    _await_available(kube, namespace, 2)
    assert _replaced(kube, namespace, before) == {"m-1-0", "m-1-0-1"}


def _running(kube: Kube, namespace: str) -> int:
    """Return how many pods report their containers."""
    return sum("containerStatuses" in pod["status"] for pod in _pods(kube, namespace).values())


def _replaced(kube: Kube, namespace: str, before: dict[str, str]) -> set[str]:
    pods = _pods(kube, namespace)
    return {name for name, pod in pods.items() if pod["metadata"]["uid"] != before[name]}


def test_the_autoscaler_counts_groups(rig: Rig, kube: Kube, namespace: str) -> None:
    use(rig, namespace)
    _apply(rig, namespace, "replicas: 1~3", "hpa: cpu:50%", "scaling: {up: 4/1s, down: 4/1s, stabilize: 0s}")
    _await_available(kube, namespace, 1)
    use(rig, namespace, cpu="900m")  # of 1 CPU
    _await_available(kube, namespace, 3)
    assert len(_pods(kube, namespace)) == 6
    use(rig, namespace)
    _await_available(kube, namespace, 1)
    until("the pods of two groups to go", lambda: len(_pods(kube, namespace)) == 2)


_FACTS: Final = "    gpu: {backend: nvidia, nodes: gfd, cards: [A100-80G]}\n"
_SHARED: Final = """\
model: llama
version: v{version}
type: vllm
command: run
host: llama.example.com
nodes: 2
resources: {{gpu: 8(A100-80G), cpu: 1, memory: 1G}}
patches:
  - kind: LeaderWorkerSet
    spec: {{leaderWorkerTemplate: {{leaderTemplate: {{metadata: {{annotations: {annotations}}}}}}}}}
"""
_FIRST: Final = _SHARED.format(version=1, annotations={"example.com/of": "tests"})
_SECOND: Final = _SHARED.format(version=2, annotations=STUCK)
_APP: Final = "vision/llama"


@pytest.mark.argocd
def test_argocd_moves_the_host_when_the_groups_are_ready(kube: Kube, deliver: Callable[..., Delivery]) -> None:
    delivery = deliver("groups-argocd", facts=_FACTS)
    repository = delivery.repository
    repository.write({f"services/{_APP}/llama-1.yaml": _FIRST, f"services/{_APP}/llama-2.yaml": _SECOND})
    repository.servegen("deploy", "llama-1", repository.environment())
    delivery.bootstrap_at(repository.push())
    repository.servegen("deploy", "llama-2", repository.environment())
    revision = repository.push()
    delivery.refresh()

    namespace = repository.namespace("vision")
    until("Argo CD to wait for the groups", lambda: _waits(delivery), report=delivery.report)
    assert _conditions(kube, namespace, "llama-2") == {"Progressing": "True"}
    assert _owners(kube, namespace) == {"llama-1"}
    _release(kube, namespace, "llama-2")
    delivery.app_arrived(_APP, revision)
    assert _owners(kube, namespace) == {"llama-2"}
    until("the old groups to go", lambda: not _pods(kube, namespace, "llama-1"))


def _waits(delivery: Delivery) -> bool:
    operation = delivery.of(_APP).get("status", {}).get("operationState", {})
    wanted = "waiting for healthy state of leaderworkerset.x-k8s.io/LeaderWorkerSet/llama-2"
    return bool(operation.get("phase") == "Running" and wanted in operation.get("message", ""))


@pytest.mark.flux
def test_flux_moves_the_host_when_the_groups_are_ready(kube: Kube, flux: Callable[[str], Stage]) -> None:
    stage = flux("groups-flux")
    stage.repository.platform("flux", facts=_FACTS)
    stage.write("llama", llama_1=_FIRST, llama_2=_SECOND)
    stage.begin("deploy llama-1")
    revision = stage.push("deploy llama-2")
    stage.flux.call()

    until("the new groups to start", lambda: _pods(kube, stage.namespace, "llama-2"), report=stage.flux.report)
    wanted = {"Progressing": "True"}
    until(f"{wanted}", lambda: _conditions(kube, stage.namespace, "llama-2") == wanted, report=stage.flux.report)
    assert _owners(kube, stage.namespace) == {"llama-1"}
    _release(kube, stage.namespace, "llama-2")
    stage.flux.arrived(revision)
    assert _owners(kube, stage.namespace) == {"llama-2"}
    until("the old groups to go", lambda: not _pods(kube, stage.namespace, "llama-1"))


def _owners(kube: Kube, namespace: str) -> set[str]:
    """Return the services to which the routes of a namespace lead."""
    trees = kube.list("networking.istio.io/v1", "virtualservices", namespace)
    hosts = [route["destination"]["host"] for tree in trees for rule in tree["spec"]["http"] for route in rule["route"]]
    return {host.partition(".")[0] for host in hosts}


def _release(kube: Kube, namespace: str, name: str) -> None:
    """Let the leaders of a set become ready."""
    for pod in _pods(kube, namespace, name):
        kube.patch("v1", "pods", namespace, pod, {"metadata": {"annotations": dict.fromkeys(STUCK)}})

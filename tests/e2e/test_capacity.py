"""The capacity plan and the real scheduler agree on random fleets, on simulated nodes of three pools.

Each fleet has nodes of its own, which no other pod may use. A proof must hold: what does not fit by the plan is never
scheduled as a whole. "fits" says that there is a place for each pod; where the scheduler, which never moves a pod, ends
with pods pending, the pods are created again, each for the node where the plan has it, and all must be scheduled.
`make capacity` compares 200 fleets, and prints how many verdicts differ.
"""

from __future__ import annotations

import copy
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Final

import pytest
from msgspec.structs import replace

from generator.core.paths import templates_root
from generator.core.template_loader import TemplateLoader
from generator.fleet.capacity.forecast import Answer
from generator.fleet.capacity.packing import SearchLimit, pack
from generator.fleet.capacity.plan import ClusterPlan
from generator.fleet.capacity.site import Site
from generator.pipeline.expected import expected_manifests
from generator.pipeline.plan import plan
from tests.e2e.kube import Kube, Tree
from tests.e2e.rig import Rig
from tests.e2e.waiting import until
from tests.support.grants import grant_everything

VARIABLE: Final = "SERVEGEN_CAPACITY"
LABEL: Final = "e2e.servegen/fleet"
_HOST: Final = "kubernetes.io/hostname"
_BATCH: Final = 25
_LOADER: Final = TemplateLoader((templates_root(),))
_PLATFORM: Final = """\
servegen: ~=1.0
clusters:
  main:
    domain: service.example.com
    gateways: managed
    gpu: {{backend: hami, nodes: gfd, cards: [T4, A100-80G]}}
    pools:
      cpu: {{nodes: 2, cpu: 8, memory: 32G, pods: 6, {common}}}
      t4: {{nodes: {t4}, cpu: 8, memory: 32G, card: T4, cards: 1, {gpu}}}
      a100: {{nodes: {a100}, cpu: 16, memory: 64G, card: A100-80G, cards: 4, split: 1, {gpu}}}
environments:
  prod: {{cluster: main, stage: prod, requires: none}}
"""
_SPEC: Final = """\
model: m
version: v{number}
type: serving
image: example.com/m:1
ports: 8080
replicas: {replicas}
resources: {{cpu: {cpu}, memory: {memory}G{gpu}}}
node_selector: {{{label}: {fleet}}}
tolerations: ["{label}={fleet}:NoSchedule"]
environments: {{prod: }}
"""
_PRODUCTS: Final = {"t4": "Tesla-T4", "a100": "NVIDIA-A100-SXM4-80GB"}
_DEVICES: Final = {
    "cpu": {},
    "t4": {
        "nvidia.com/gpu": "10",
        "nvidia.com/gpucores": "100",
        "nvidia.com/gpumem": "15360",
        "nvidia.com/gpumem-percentage": "100",
    },
    "a100": {"nvidia.com/gpu": "4"},
}


@dataclass(frozen=True, slots=True)
class _Fleet:
    """A random fleet: its plan, its Deployments, and the nodes that it has to itself."""

    name: str
    plan: ClusterPlan
    deployments: list[Tree]
    nodes: list[Tree]

    @property
    def count(self) -> int:
        """The number of its pods."""
        return sum(tree["spec"]["replicas"] for tree in self.deployments)

    def pods(self, random: Random) -> list[Tree]:
        """Return the pods of the Deployments, in any order."""
        pods = [self._pod(tree, number) for tree in self.deployments for number in range(tree["spec"]["replicas"])]
        random.shuffle(pods)
        return pods

    def pods_in_place(self) -> list[Tree]:
        """Return the pods, each for the node where a packing of the plan has it."""
        nodes = {node["metadata"]["name"]: node["metadata"]["labels"]["pool"] for node in self.nodes}
        pools = {pool.name: pool for pool in self.plan.pools}
        site = Site(tuple(replace(pools[pool], name=node, nodes=1) for node, pool in nodes.items()))
        kinds = {one.service.name: site.kind_of(one.shape) for one in self.plan.workloads}
        demand = Counter[int]()
        for one in self.plan.workloads:
            demand[kinds[one.service.name]] += one.least
        packing = pack(site, demand, SearchLimit())
        assert not packing.left, "the plan finds the place again, node by node"
        free = {
            kind: [site.pools[index].name for (index, k), n in packing.placed.items() if k == kind for _ in range(n)]
            for kind in demand
        }
        pods = self.pods(Random(0))
        for pod in pods:
            pod["spec"]["nodeSelector"][_HOST] = free[kinds[pod["metadata"]["labels"]["service"]]].pop()
        return pods

    def _pod(self, deployment: Tree, number: int) -> Tree:
        name = deployment["metadata"]["name"]
        spec = copy.deepcopy(deployment["spec"]["template"]["spec"])
        spec.pop("serviceAccountName", None)
        labels = {LABEL: self.name, "service": name}
        metadata = {"name": f"{self.name}-{name}-{number}", "labels": labels}
        return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


@pytest.mark.own
def test_random_fleets_are_scheduled_as_planned(
    rig: Rig, kube: Kube, namespace: str, capsys: pytest.CaptureFixture[str]
) -> None:
    count = int(os.environ.get(VARIABLE, "5"))
    verdicts: Counter[tuple[str, bool]] = Counter()
    differing: list[_Fleet] = []
    until("the namespace's account", lambda: kube.get("v1", "serviceaccounts", namespace, "default"))
    for start in range(0, count, _BATCH):
        fleets = [_fleet(number) for number in range(start, min(start + _BATCH, count))]
        placed = _schedule(rig, kube, namespace, fleets, lambda fleet: fleet.pods(Random(fleet.name)))
        for fleet in fleets:
            done = placed[fleet.name] == fleet.count
            verdicts[str(fleet.plan.answer), done] += 1
            assert not (done and fleet.plan.answer is Answer.DOES_NOT_FIT), f"{fleet.name}: all pods are scheduled"
            differing += [fleet] if fleet.plan.answer is Answer.FITS and not done else []
    for start in range(0, len(differing), _BATCH):
        fleets = differing[start : start + _BATCH]
        placed = _schedule(rig, kube, namespace, fleets, _Fleet.pods_in_place)
        assert placed == {fleet.name: fleet.count for fleet in fleets}, "a place of the plan is none for the scheduler"
    with capsys.disabled():
        sys.stdout.write(_report(verdicts, differing))
    assert {answer for answer, _ in verdicts} >= {"fits", "does not fit"}


def _report(verdicts: Counter[tuple[str, bool]], differing: list[_Fleet]) -> str:
    table = ", ".join(
        f"{answer}/{'all scheduled' if done else 'some pending'} {number}"
        for (answer, done), number in sorted(verdicts.items())
    )
    names = ", ".join(fleet.name for fleet in differing) or "none"
    return (
        f"\ncapacity: {verdicts.total()} fleets: {table}\n"
        f"{len(differing)} differ ({names}): the scheduler does not move pods; all pods of each are scheduled if they "
        "name the nodes of the plan\n"
    )


def _schedule(
    rig: Rig, kube: Kube, namespace: str, fleets: list[_Fleet], pods_of: Callable[[_Fleet], list[Tree]]
) -> Counter[str]:
    """Create the nodes and pods of fleets, and return how many pods of each are scheduled in the end."""
    nodes = [node for fleet in fleets for node in fleet.nodes]
    names = {node["metadata"]["name"] for node in nodes}
    rig.apply(nodes)
    until("nodes to be ready", lambda: names <= set(_ready(kube)), report=lambda: names - set(_ready(kube)))
    pods = [
        {**pod, "metadata": {**pod["metadata"], "namespace": namespace}} for fleet in fleets for pod in pods_of(fleet)
    ]
    rig.apply(pods)
    try:
        until("every pod to be judged", lambda: len(_judged(kube, namespace)) == len(pods))
        placed: Counter[str] = Counter({fleet.name: 0 for fleet in fleets})
        placed.update(pod["metadata"]["labels"][LABEL] for pod in _judged(kube, namespace) if "nodeName" in pod["spec"])
        return placed
    finally:
        kube.delete_all("v1", "pods", namespace)
        until("the pods to go", lambda: not kube.list("v1", "pods", namespace))
        kube.delete_all("v1", "nodes", labelSelector=LABEL)


def _ready(kube: Kube) -> Iterator[str]:
    """Yield the nodes of fleets that accept pods."""
    for node in kube.list("v1", "nodes", labelSelector=LABEL):
        conditions = (node.get("status") or {}).get("conditions") or ()
        ready = any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)
        if ready and not any(
            taint["key"].startswith("node.kubernetes.io/") for taint in node["spec"].get("taints", ())
        ):
            yield node["metadata"]["name"]


def _judged(kube: Kube, namespace: str) -> list[Tree]:
    """Return the pods that have a node, or for which the scheduler has found none."""
    return [
        pod
        for pod in kube.list("v1", "pods", namespace)
        if "nodeName" in pod["spec"]
        or any(one.get("reason") == "Unschedulable" for one in pod["status"].get("conditions", ()))
    ]


def _fleet(number: int) -> _Fleet:
    random, name = Random(number), f"f{number}"
    tainted = random.random() < 0.5
    sizes = {"cpu": 2, "t4": random.choice([1, 2]), "a100": random.choice([1, 2])}
    taints = [f"{LABEL}={name}:NoSchedule"]
    gpu = [*taints, "nvidia.com/gpu=present:NoSchedule"] if tainted else taints
    platform = _PLATFORM.format(common=_keys(name, taints), gpu=_keys(name, gpu), t4=sizes["t4"], a100=sizes["a100"])
    files = {"services/platform.yaml": grant_everything(platform).encode()}
    for service in range(random.randint(2, 5)):
        files[f"services/p/a/m-{service}.yaml"] = _service(random, service, name).encode()
    made = plan(files, _LOADER)
    manifests = expected_manifests(made.fleet, made.routing, _LOADER)
    deployments = [entry.tree for entry in manifests if entry.tree["kind"] == "Deployment"]
    nodes = [
        _node(name, pool, at, gpu if pool in _PRODUCTS else taints) for pool, n in sizes.items() for at in range(n)
    ]
    return _Fleet(name, made.capacity[0], deployments, nodes)


def _keys(name: str, taints: list[str]) -> str:
    quoted = ", ".join(f'"{taint}"' for taint in taints)
    return f"labels: {{{LABEL}: {name}}}, taints: [{quoted}]"


def _service(random: Random, number: int, fleet: str) -> str:
    share, cards = random.choice(["0.2", "0.3", "0.4", "0.5", "0.6", "0.7"]), random.choice([1, 1, 2, 3, 4])
    gpu = random.choice(["", "", f', gpu: "{share}(T4)"', f', gpu: "{cards}(A100-80G)"'])
    return _SPEC.format(
        number=number,
        replicas=random.choice([1, 1, 2, 2, 3]),
        cpu=random.choice(["0.5", "1", "2", "3", "5"]),
        memory=random.choice([1, 4, 8, 12]),
        gpu=gpu,
        label=LABEL,
        fleet=fleet,
    )


def _node(fleet: str, pool: str, number: int, taints: list[str]) -> Tree:
    name = f"capacity-{fleet}-{pool}-{number}"
    size = {"cpu": "16", "memory": "64G"} if pool == "a100" else {"cpu": "8", "memory": "32G"}
    amounts = {**size, "pods": "6" if pool == "cpu" else "110", "ephemeral-storage": "10Ti", **_DEVICES[pool]}
    labels = {LABEL: fleet, "pool": pool, _HOST: name, "kubernetes.io/os": "linux"}
    if pool in _PRODUCTS:
        labels["nvidia.com/gpu.product"] = _PRODUCTS[pool]
    parts = [(*taint.partition("=")[::2],) for taint in taints]
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "annotations": {"kwok.x-k8s.io/node": "fake"}, "labels": labels},
        "spec": {
            "taints": [{"key": key, "value": rest.partition(":")[0], "effect": "NoSchedule"} for key, rest in parts]
        },
        "status": {"capacity": amounts, "allocatable": amounts},
    }

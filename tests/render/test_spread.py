"""Where the replicas of a service run: over nodes and zones, or packed."""

from __future__ import annotations

from typing import Any, Final

import pytest

from generator.render.pod_templates import pod_templates
from tests.support.fleets import PLATFORM
from tests.support.one_app import objects, service

_GROUP: Final = "type: vllm\nnodes: 2\nresources: {gpu: 8}\n"
_EVEN: Final = {"maxSkew": 1, "whenUnsatisfiable": "ScheduleAnyway"}


def _pods(keys: str) -> list[dict[str, Any]]:
    name, text = service(1, keys)
    trees = objects((name, text.replace(b"type: triton-server\n", b"") if b"type: vllm" in text else text))
    workload = next(tree for tree in trees if tree["kind"] in ("Deployment", "LeaderWorkerSet"))
    return [template["spec"] for _, template in pod_templates(workload)]


def _over(topology: str, revision: str, **more: Any) -> dict[str, Any]:
    labels = {"app.kubernetes.io/instance": "m-1"}
    if revision.endswith("template-revision-hash"):
        labels["leaderworkerset.sigs.k8s.io/worker-index"] = "0"
    return {
        **_EVEN,
        "topologyKey": topology,
        "labelSelector": {"matchLabels": labels},
        "matchLabelKeys": [revision],
        **more,
    }


@pytest.mark.parametrize(
    ("keys", "constraints"),
    [
        ("", [_over("kubernetes.io/hostname", "pod-template-hash")]),
        (
            "spread: zone,node\n",
            [
                _over("topology.kubernetes.io/zone", "pod-template-hash"),
                _over("kubernetes.io/hostname", "pod-template-hash"),
            ],
        ),
        (
            "spread: {zone: required}\n",
            [
                _over(
                    "topology.kubernetes.io/zone",
                    "pod-template-hash",
                    whenUnsatisfiable="DoNotSchedule",
                    nodeTaintsPolicy="Honor",
                )
            ],
        ),
    ],
)
def test_the_replicas_of_a_deployment(keys: str, constraints: list[dict[str, Any]]) -> None:
    (pod,) = _pods(keys)
    assert pod["topologySpreadConstraints"] == constraints


def test_a_packed_service_prefers_nodes_in_use_and_keeps_the_affinity_of_its_own() -> None:
    (pod,) = _pods("spread: pack\naffinity: {near: app=cache}\n")
    assert "topologySpreadConstraints" not in pod
    near, packed = pod["affinity"]["podAffinity"]["preferredDuringSchedulingIgnoredDuringExecution"]
    assert near["podAffinityTerm"]["labelSelector"] == {
        "matchExpressions": [{"key": "app", "operator": "In", "values": ["cache"]}]
    }
    assert packed["podAffinityTerm"] == {
        "labelSelector": {"matchLabels": {"app.kubernetes.io/managed-by": "servegen"}},
        "namespaceSelector": {},
        "topologyKey": "kubernetes.io/hostname",
    }


def test_the_pods_of_a_group_are_on_different_nodes_and_the_leaders_are_spread() -> None:
    group = _over("kubernetes.io/hostname", "leaderworkerset.sigs.k8s.io/group-key")
    leader, worker = _pods(f"{_GROUP}spread: zone\n")
    zones = _over("topology.kubernetes.io/zone", "leaderworkerset.sigs.k8s.io/template-revision-hash")
    assert leader["topologySpreadConstraints"] == [group, zones]
    assert worker["topologySpreadConstraints"] == [group]
    assert _pods(_GROUP)[0]["topologySpreadConstraints"] == [group]


def test_a_pool_gives_its_labels_and_tolerates_its_taints() -> None:
    nodes = "nodes: 4, cpu: 96, memory: 900Gi, labels: {pool: a100, disk: ssd}"
    taints = "taints: 'dedicated=llm:NoSchedule,spot:NoExecute'"
    platform = PLATFORM.replace("    gpu:", f"    pools: {{a100: {{{nodes}, {taints}}}}}\n    gpu:", 1)
    spec = service(1, "pool: a100\nnode_selector: {disk: ssd}\ntolerations: spot:NoExecute\n")
    deployment = next(tree for tree in objects(spec, platform=platform) if tree["kind"] == "Deployment")
    pod = deployment["spec"]["template"]["spec"]
    assert pod["nodeSelector"] == {"pool": "a100", "disk": "ssd"}
    assert pod["tolerations"] == [
        {"key": "dedicated", "operator": "Equal", "value": "llm", "effect": "NoSchedule"},
        {"key": "spot", "operator": "Exists", "effect": "NoExecute"},
    ]

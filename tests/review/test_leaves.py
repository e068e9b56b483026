"""The differences of two objects, and the effect of each."""

from __future__ import annotations

from copy import deepcopy
from typing import Any, Final

import pytest

from generator.review.compare import compare_trees, effect_of

Tree = dict[str, Any]

_CONTAINER: Final[Tree] = {
    "name": "main",
    "image": "example/m:1",
    "env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}],
    "ports": [{"containerPort": 8000}],
    "resources": {"requests": {"cpu": "500m"}},
    "volumeMounts": [{"name": "a", "mountPath": "/a"}],
}
DEPLOYMENT: Final[Tree] = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "m-1", "labels": {"team": "a"}},
    "spec": {
        "replicas": 2,
        "selector": {"matchLabels": {"app": "m-1"}},
        "template": {
            "metadata": {"labels": {"app": "m-1"}},
            "spec": {
                "containers": [_CONTAINER],
                "tolerations": [{"key": "a", "operator": "Exists"}, {"key": "b", "operator": "Exists"}],
                "volumes": [{"name": "a", "emptyDir": {}}],
            },
        },
    },
}
AUTOSCALER: Final[Tree] = {
    "apiVersion": "autoscaling/v2",
    "kind": "HorizontalPodAutoscaler",
    "metadata": {"name": "m-1"},
    "spec": {
        "minReplicas": 2,
        "maxReplicas": 4,
        "metrics": [
            {"type": "Resource", "resource": {"name": "cpu", "target": {"averageUtilization": 50}}},
            {"type": "Pods", "pods": {"metric": {"name": "gpu"}, "target": {"averageValue": "50"}}},
        ],
    },
}
ROUTE: Final[Tree] = {
    "apiVersion": "networking.istio.io/v1",
    "kind": "VirtualService",
    "metadata": {"name": "m"},
    "spec": {"http": [{"name": "open", "redirect": {"uri": "/x"}}, {"name": "default", "timeout": "300s"}]},
}
CLAIM: Final[Tree] = {
    "apiVersion": "v1",
    "kind": "PersistentVolumeClaim",
    "metadata": {"name": "c"},
    "spec": {"accessModes": ["ReadWriteMany"], "resources": {"requests": {"storage": "10Gi"}}},
}
SCALED: Final[Tree] = {
    "apiVersion": "keda.sh/v1alpha1",
    "kind": "ScaledObject",
    "metadata": {"name": "m"},
    "spec": {"scaleTargetRef": {"name": "m"}, "maxReplicaCount": 4, "triggers": [{"type": "cpu"}]},
}
GROUPS: Final[Tree] = {
    "apiVersion": "leaderworkerset.x-k8s.io/v1",
    "kind": "LeaderWorkerSet",
    "metadata": {"name": "m"},
    "spec": {"replicas": 1, "leaderWorkerTemplate": {"size": 2, "subGroupPolicy": {"subGroupSize": 1}}},
}
POD: Final = ("spec", "template", "spec")
MAIN: Final = (*POD, "containers", 0)


def _with(tree: Tree, path: tuple[Any, ...], value: Any) -> Tree:
    """Return the object with another value at a path; None takes it away, a list item is inserted at the front."""
    out: Any = deepcopy(tree)
    node = out
    for step in path[:-1]:
        node = node.setdefault(step, {}) if isinstance(node, dict) else node[step]
    if value is None:
        del node[path[-1]]
    elif isinstance(node.get(path[-1]), list) and isinstance(value, dict):
        node[path[-1]].insert(0, value)
    else:
        node[path[-1]] = value
    return dict(out)


# An edit, the only path that is reported, and its effect.
EDITS: Final[list[tuple[Tree, tuple[Any, ...], Any, str, str]]] = [
    (DEPLOYMENT, (*MAIN, "image"), "example/m:2", "spec.template.spec.containers[main].image", "restart"),
    (DEPLOYMENT, (*MAIN, "env"), {"name": "C"}, "spec.template.spec.containers[main].env[C]", "restart"),
    (DEPLOYMENT, (*POD, "containers"), {"name": "side"}, "spec.template.spec.containers[side]", "restart"),
    (DEPLOYMENT, (*POD, "tolerations"), {"key": "c"}, "spec.template.spec.tolerations[0]", "restart"),
    (DEPLOYMENT, (*POD, "volumes"), {"name": "b"}, "spec.template.spec.volumes[b]", "restart"),
    (
        DEPLOYMENT,
        (*MAIN, "volumeMounts"),
        {"name": "a", "mountPath": "/b"},
        "spec.template.spec.containers[main].volumeMounts[/b]",
        "restart",
    ),
    (
        DEPLOYMENT,
        (*MAIN, "env"),
        [{"name": "B", "value": "2"}, {"name": "A", "value": "1"}],
        "spec.template.spec.containers[main].env",
        "restart",
    ),
    (
        DEPLOYMENT,
        (*MAIN, "resources", "requests", "cpu"),
        "0.5",
        "spec.template.spec.containers[main].resources.requests.cpu",
        "none",
    ),
    (
        DEPLOYMENT,
        (*MAIN, "ports", 0, "protocol"),
        "TCP",
        "spec.template.spec.containers[main].ports[8000/TCP].protocol",
        "none",
    ),
    (DEPLOYMENT, ("spec", "replicas"), 3, "spec.replicas", "capacity"),
    (DEPLOYMENT, ("spec", "selector", "matchLabels", "app"), "x", "spec.selector.matchLabels.app", "recreate"),
    (DEPLOYMENT, ("spec", "minReadySeconds"), 5, "spec.minReadySeconds", "in place"),
    (DEPLOYMENT, ("metadata", "labels", "team"), "b", "metadata.labels.team", "metadata"),
    (
        AUTOSCALER,
        ("spec", "metrics"),
        {"type": "Resource", "resource": {"name": "memory"}},
        "spec.metrics[Resource/memory]",
        "in place",
    ),
    (AUTOSCALER, ("spec", "maxReplicas"), 9, "spec.maxReplicas", "capacity"),
    (ROUTE, ("spec", "http", 1, "timeout"), "5s", "spec.http[default].timeout", "route"),
    (ROUTE, ("spec", "http"), {"name": "canary"}, "spec.http[canary]", "route"),
    (CLAIM, ("spec", "resources", "requests", "storage"), "20Gi", "spec.resources.requests.storage", "capacity"),
    (CLAIM, ("spec", "resources", "requests", "storage"), "5Gi", "spec.resources.requests.storage", "recreate"),
    (CLAIM, ("spec", "storageClassName"), "fast", "spec.storageClassName", "recreate"),
    (SCALED, ("spec", "scaleTargetRef", "name"), "n", "spec.scaleTargetRef.name", "in place"),
    (SCALED, ("spec", "minReplicaCount"), 1, "spec.minReplicaCount", "capacity"),
    (GROUPS, ("spec", "leaderWorkerTemplate", "size"), 4, "spec.leaderWorkerTemplate.size", "restart"),
    (
        GROUPS,
        ("spec", "leaderWorkerTemplate", "subGroupPolicy", "subGroupSize"),
        2,
        "spec.leaderWorkerTemplate.subGroupPolicy.subGroupSize",
        "recreate",
    ),
]


@pytest.mark.parametrize(("tree", "path", "value", "shown", "effect"), EDITS, ids=[edit[3] for edit in EDITS])
def test_one_edit_is_one_difference_with_its_effect(
    tree: Tree, path: tuple[Any, ...], value: Any, shown: str, effect: str
) -> None:
    for one, other in ((tree, _with(tree, path, value)), (_with(tree, path, value), tree)):
        leaves = compare_trees(one, other)
        assert [leaf.difference.shown for leaf in leaves if not leaf.difference.order or "env" in shown] == [shown]
        if tree is not CLAIM:
            assert effect_of(leaves) == effect
    assert effect_of(compare_trees(tree, _with(tree, path, value))) == effect


def test_a_value_of_another_type_is_a_difference() -> None:
    one = {"apiVersion": "v1", "kind": "X", "metadata": {"name": "x"}, "spec": {"a": [1], "b": "1"}}
    other = {"apiVersion": "v1", "kind": "X", "metadata": {"name": "x"}, "spec": {"a": ["1"], "b": 1}}
    assert [leaf.difference.shown for leaf in compare_trees(one, other)] == ["spec.a[0]", "spec.b"]


def test_paths_lead_to_the_values_in_both_objects() -> None:
    before = _with(DEPLOYMENT, (*MAIN, "env"), {"name": "FIRST", "value": "x"})
    after = _with(DEPLOYMENT, (*MAIN, "env", 1, "value"), "other")
    changed = [leaf.difference for leaf in compare_trees(before, after) if leaf.difference.shown.endswith("B].value")]
    assert [(one.old, one.new, one.before, one.after) for one in changed] == [
        ((*MAIN, "env", 2, "value"), (*MAIN, "env", 1, "value"), "2", "other")
    ]

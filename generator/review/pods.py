"""How many pods a workload has at least, by its own replicas or those of its autoscaler."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from generator.render.engine.shapes import Tree
    from generator.review.objects import Rendered

    Minimums = dict[tuple[str, str, str], int]

WORKLOADS: Final = frozenset({"Deployment", "StatefulSet", "LeaderWorkerSet"})
MINIMUMS: Final = {"HorizontalPodAutoscaler": ("minReplicas", 1), "ScaledObject": ("minReplicaCount", 0)}


def scaled_minimums(objects: Iterable[Rendered]) -> Minimums:
    """Return the fewest replicas that autoscalers allow, by the namespace, kind and name of what they scale."""
    out: Minimums = {}
    for entry in objects:
        field, default = MINIMUMS.get(entry.tree["kind"], ("", 0))
        target = _spec(entry.tree).get("scaleTargetRef")
        if field and isinstance(target, dict):
            key = entry.key.namespace, str(target.get("kind", "Deployment")), str(target.get("name"))
            out[key] = _number(_spec(entry.tree).get(field), default)
    return out


def count_pods(entry: Rendered, scaled: Minimums) -> int:
    """Return the number of pods of a workload; 0 for any other object."""
    kind, spec = entry.tree["kind"], _spec(entry.tree)
    if kind not in WORKLOADS:
        return 0
    minimum = scaled.get((entry.key.namespace, kind, entry.key.name), 1)
    template = spec.get("leaderWorkerTemplate")
    size = _number(template.get("size"), 1) if isinstance(template, dict) else 1
    return _number(spec.get("replicas"), minimum) * size


def _spec(tree: Tree) -> dict[str, Any]:
    spec = tree.get("spec")
    return spec if isinstance(spec, dict) else {}


def _number(value: Any, default: int) -> int:
    return value if isinstance(value, int) else default

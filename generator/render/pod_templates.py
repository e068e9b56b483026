"""The kinds of objects that create pods, and where the templates of the pods are in an object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from generator.core.recent import once_per_object

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.render.engine.shapes import SlotPath

GROUP_KIND: Final = "LeaderWorkerSet"
"""The kind whose replicas are groups of pods: one leader, and the workers that follow it."""
_GROUP: Final[SlotPath] = ("spec", "leaderWorkerTemplate")
LEADER_TEMPLATE: Final[SlotPath] = (*_GROUP, "leaderTemplate")
WORKER_TEMPLATE: Final[SlotPath] = (*_GROUP, "workerTemplate")
_USUAL: Final[tuple[SlotPath, ...]] = (("spec", "template"),)
_PATHS: Final[Mapping[str, tuple[SlotPath, ...]]] = {
    **dict.fromkeys(("DaemonSet", "Deployment", "Job", "ReplicaSet", "StatefulSet"), _USUAL),
    "CronJob": (("spec", "jobTemplate", "spec", "template"),),
    GROUP_KIND: (LEADER_TEMPLATE, WORKER_TEMPLATE),
    "Pod": ((),),
}
KINDS: Final = frozenset(_PATHS)


@once_per_object
def pod_templates(tree: Mapping[str, Any]) -> tuple[tuple[SlotPath, dict[str, Any]], ...]:
    """Return the templates of the pods that an object creates, each with its path; a pod is one itself."""
    return tuple(_pod_templates(tree))


def _pod_templates(tree: Mapping[str, Any]) -> Iterator[tuple[SlotPath, dict[str, Any]]]:
    for path in _PATHS.get(tree["kind"], _USUAL):
        node: Any = tree
        for step in path:
            node = node.get(step) if isinstance(node, dict) else None
        if isinstance(node, dict):
            yield path, node

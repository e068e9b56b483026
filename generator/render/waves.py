"""Argo CD's sync waves: it applies a wave, waits until all of it is healthy, and only then comes to the next.

What pods need, pods, routes, autoscalers: so a host turns to its new owner when all of the owner's pods are ready, and
an autoscaler starts from the pods that the takeover began with. What has no wave is in wave 0: Deployments, Services,
and what shall be there before a route leads to it. The annotations are on the objects alone, never on pods, so that
they restart nothing; the name of a generated ConfigMap does not depend on them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.render.engine.shapes import Tree

ANNOTATION: Final = "argocd.argoproj.io/sync-wave"
WAVES: Final[Mapping[str, int]] = {
    "ServiceAccount": -1,
    "ConfigMap": -1,
    "VirtualService": 1,
    "HTTPRoute": 1,
    "HorizontalPodAutoscaler": 2,
    "PodDisruptionBudget": 2,
}


def wave_of(kind: str) -> dict[str, str]:
    """What says the wave of a kind; empty for wave 0."""
    return {ANNOTATION: str(WAVES[kind])} if kind in WAVES else {}


def in_wave(tree: Tree) -> Tree:
    """The object in the wave of its kind; a wave that is already written stays."""
    wave = wave_of(tree["kind"])
    if not wave:
        return tree
    metadata: dict[str, Any] = tree["metadata"]
    return {**tree, "metadata": {**metadata, "annotations": {**wave, **metadata.get("annotations", {})}}}

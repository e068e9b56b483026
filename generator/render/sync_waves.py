"""Sync waves of Argo CD: it applies a wave, waits until all of its objects are healthy, and then starts the next one.

The waves are: the objects that pods need, pods, routes, autoscalers. A host is therefore routed to its new owner when
all of the owner's pods are ready, and an autoscaler starts from the replica count at the takeover. Kinds without a wave
are in wave 0: Deployments, Services, and everything that must exist before a route leads to it. The annotations are on
the objects only, never on pods, so they cause no restart; the name of a generated ConfigMap does not depend on them.
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
    "ResourceClaimTemplate": -1,
    "VirtualService": 1,
    "HTTPRoute": 1,
    "HorizontalPodAutoscaler": 2,
    "ScaledObject": 2,
    "PodDisruptionBudget": 2,
}


def wave_of(kind: str) -> dict[str, str]:
    """Return the annotation for the wave of a kind; empty for wave 0."""
    return {ANNOTATION: str(WAVES[kind])} if kind in WAVES else {}


def in_wave(tree: Tree) -> Tree:
    """Return the object with the wave of its kind; a wave that is already set stays."""
    wave = wave_of(tree["kind"])
    if not wave:
        return tree
    metadata: dict[str, Any] = tree["metadata"]
    return {**tree, "metadata": {**metadata, "annotations": {**wave, **metadata.get("annotations", {})}}}

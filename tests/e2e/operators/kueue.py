"""Kueue beside the cluster, with its webhooks: it admits the pods of Deployments and of groups."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.e2e.operators.webhooks import controller
from tests.support.processes import Processes

if TYPE_CHECKING:
    from tests.e2e.rig import Rig

_OWN: Final = {
    "apiVersion": "config.kueue.x-k8s.io/v1beta2",
    "featureGates": {"VisibilityOnDemand": False},  # a server of its own, for people who ask how long they wait
    "integrations": {"frameworks": ["pod", "deployment", "statefulset", "leaderworkerset.x-k8s.io/leaderworkerset"]},
}


def kueue(rig: Rig, folder: Path) -> AbstractContextManager[Processes]:
    """Run Kueue while the block runs."""
    return controller(rig, folder, "kueue", _OWN)

"""The controller of LeaderWorkerSet beside the cluster, with its webhooks."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from tests.e2e.operators.webhooks import controller
from tests.support.processes import Processes

if TYPE_CHECKING:
    from tests.e2e.rig import Rig


def lws(rig: Rig, folder: Path) -> AbstractContextManager[Processes]:
    """Run the controller while the block runs."""
    return controller(rig, folder, "lws", {"apiVersion": "config.lws.x-k8s.io/v1alpha1"})

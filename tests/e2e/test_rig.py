"""The rig itself: the pods of a Deployment become ready."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.waiting import until

if TYPE_CHECKING:
    from tests.e2e.kube import Kube
    from tests.e2e.rig import Rig


@pytest.mark.paper
def test_a_deployment_becomes_available(rig: Rig, kube: Kube, namespace: str) -> None:
    rig.run("-n", namespace, "create", "deployment", "web", "--image=web:1", "--replicas=2")
    until(
        "2 pods",
        lambda: (kube.get("apps/v1", "deployments", namespace, "web") or {})["status"].get("readyReplicas") == 2,
    )

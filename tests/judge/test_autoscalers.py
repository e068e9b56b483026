"""Which autoscalers may go to zero pods: what servegen says for a version of Kubernetes is what its own code does."""

from __future__ import annotations

import sys
from typing import Any, Final

import pytest

from generator.checks.api import refusals
from tests.judge.program import judge, judge_autoscalers

Tree = dict[str, Any]
_METRIC: Final = {"metric": {"name": "jobs"}, "target": {"type": "AverageValue", "averageValue": "20"}}
_SERVICE: Final = {"apiVersion": "v1", "kind": "Service", "name": "m-1"}
_CPU: Final = {"name": "cpu", "container": "main", "target": {"type": "Utilization", "averageUtilization": 50}}
_METRICS: Final[dict[str, Tree]] = {
    "cpu": {"type": "ContainerResource", "containerResource": _CPU},
    "Pods": {"type": "Pods", "pods": _METRIC},
    "External": {"type": "External", "external": _METRIC},
    "Object": {"type": "Object", "object": {"describedObject": _SERVICE, **_METRIC}},
}
_SETS: Final = (("cpu",), ("Pods",), ("External",), ("Object",), ("cpu", "External"), ("Pods", "Object"))


_CASES: Final = [(least, names) for least in (0, 1, 5) for names in _SETS]


@pytest.mark.parametrize(("minor", "refused"), [(36, 12), (37, 8)])
def test_autoscalers_that_go_to_zero(minor: int, refused: int) -> None:
    trees = [_autoscaler(least, names) for least, names in _CASES]
    faults = [one.faults for one in judge(trees)] if minor == 36 else judge_autoscalers(trees)
    assert [any(refusals(tree, minor=minor)) for tree in trees] == [bool(some) for some in faults]
    sys.stdout.write(f"autoscalers, Kubernetes 1.{minor}: {sum(map(bool, faults))} of {len(faults)} refused\n")
    assert sum(map(bool, faults)) == refused


def _autoscaler(least: int, names: tuple[str, ...]) -> Tree:
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "m-1", "namespace": "p-prod"},
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "m-1"},
            "minReplicas": least,
            "maxReplicas": 4,
            "metrics": [_METRICS[name] for name in names],
        },
    }

"""Which autoscalers may go to zero pods: what servegen says for a version of Kubernetes is what its own code does."""

from __future__ import annotations

import sys
from typing import Any, Final

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


def test_autoscalers_that_go_to_zero() -> None:
    cases = [(least, names) for least in (0, 1, 5) for names in _SETS]
    trees = [_autoscaler(least, names) for least, names in cases]
    by_version = {36: [one.faults for one in judge(trees)], 37: judge_autoscalers(trees)}
    for minor, faults in by_version.items():
        real = [bool(some) for some in faults]
        assert [any(refusals(tree, minor=minor)) for tree in trees] == real, minor
        sys.stdout.write(f"autoscalers, Kubernetes 1.{minor}: {sum(real)} of {len(real)} refused\n")
    assert sum(map(bool, by_version[36])) > sum(map(bool, by_version[37])) > 0


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

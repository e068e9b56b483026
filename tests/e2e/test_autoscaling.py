"""Rendered autoscalers in a real cluster: between min and max by CPU and memory, and one with a broken metric."""

from __future__ import annotations

from typing import Final

import pytest

from tests.e2e.kube import Kube, Tree
from tests.e2e.rig import Rig
from tests.e2e.truths import made
from tests.e2e.usage import use
from tests.e2e.waiting import until
from tests.support.grants import grant_everything

# No metrics adapter provides gpu_utilization.
_PLATFORM: Final = """\
servegen: ~=1.0
clusters:
  main:
    domain: autoscaling.example.com
    gateways: {{"80": istio-system/serving}}
    gpu: {{backend: hami, nodes: gfd, cards: [T4]}}
    metrics: {{gpu: {{name: gpu_utilization}}}}
environments:
  prod: {{cluster: main, stage: prod, requires: none, namespace: {namespace}}}
"""
# The stabilization window before scaling down is five minutes, too long for a test: a patch in the spec shortens it.
_SPEC: Final = """\
model: m
version: v1
type: triton-server
command: run
replicas: 2~4
hpa: {hpa}
resources: {{cpu: 1, memory: 1000M, gpu: "{gpu}"}}
env: {{ROUND: "{round}"}}
environments: {{prod: }}
patches:
- apiVersion: autoscaling/v2
  kind: HorizontalPodAutoscaler
  metadata: {{name: m-{number}}}
  spec:
    behavior:
      scaleDown: {{stabilizationWindowSeconds: 0, policies: [{{type: Pods, value: 4, periodSeconds: 1}}]}}
"""
_SOUND, _BROKEN = "m-1", "m-2"


@pytest.mark.own
def test_an_autoscaler_with_an_unavailable_metric(rig: Rig, kube: Kube, namespace: str) -> None:
    use(rig, namespace)
    rig.apply(_objects(namespace))
    _reach(kube, namespace, {_SOUND: 2, _BROKEN: 2})

    use(rig, namespace, cpu="1200m")
    _reach(kube, namespace, {_SOUND: 4, _BROKEN: 4})  # scaled up by CPU, whatever the other metric

    use(rig, namespace)
    _reach(kube, namespace, {_SOUND: 2, _BROKEN: 4})  # scaled down only if every metric allows it
    assert _condition(kube, namespace, _SOUND) == ("True", "ValidMetricFound")
    until("the autoscaler to say why", lambda: _condition(kube, namespace, _BROKEN) == ("False", "FailedGetPodsMetric"))

    use(rig, namespace, memory="900M")
    _reach(kube, namespace, {_SOUND: 4, _BROKEN: 4})
    use(rig, namespace)
    _reach(kube, namespace, {_SOUND: 2, _BROKEN: 4})

    rig.apply(_workloads(_objects(namespace, round_=2)))
    until("both to be rolled out", lambda: _rolled_out(kube, namespace), report=lambda: _status(kube, namespace))
    _reach(kube, namespace, {_SOUND: 2, _BROKEN: 4})


def _objects(namespace: str, round_: int = 1) -> list[Tree]:
    sound = _SPEC.format(number=1, hpa="cpu:50%,mem:50%", gpu="0", round=round_)
    broken = _SPEC.format(number=2, hpa="cpu:50%,gpu:50%", gpu="0.2(T4)", round=round_)
    specs = {
        "services/platform.yaml": grant_everything(_PLATFORM.format(namespace=namespace)).encode(),
        f"services/p/a/{_SOUND}.yaml": sound.encode(),
        f"services/p/a/{_BROKEN}.yaml": broken.encode(),
    }
    return [one.tree for one in made(specs)]


def _workloads(trees: list[Tree]) -> list[Tree]:
    """Return the Deployments without `replicas`, which the autoscalers control.

    Argo CD and Flux are configured to apply them like this.
    """
    deployments = [tree for tree in trees if tree["kind"] == "Deployment"]
    return [{**tree, "spec": {k: v for k, v in tree["spec"].items() if k != "replicas"}} for tree in deployments]


def _reach(kube: Kube, namespace: str, counts: dict[str, int]) -> None:
    """Wait until the Deployments have these replica counts, and as many ready pods."""
    wanted = {name: (count, count) for name, count in counts.items()}
    until(
        f"replicas {counts}",
        lambda: _counts(kube, namespace) == wanted,
        report=lambda: _status(kube, namespace),
    )


def _counts(kube: Kube, namespace: str) -> dict[str, tuple[int, int]]:
    trees = kube.list("apps/v1", "deployments", namespace)
    return {t["metadata"]["name"]: (t["spec"]["replicas"], t["status"].get("readyReplicas", 0)) for t in trees}


def _condition(kube: Kube, namespace: str, name: str) -> tuple[str, str]:
    """Return status and reason of an autoscaler's ScalingActive condition: whether it can compute a count."""
    tree = kube.get("autoscaling/v2", "horizontalpodautoscalers", namespace, name)
    assert tree is not None
    return next(
        (one["status"], one["reason"]) for one in tree["status"]["conditions"] if one["type"] == "ScalingActive"
    )


def _rolled_out(kube: Kube, namespace: str) -> bool:
    trees = kube.list("apps/v1", "deployments", namespace)
    return all(
        tree["status"].get("observedGeneration") == tree["metadata"]["generation"]
        and tree["status"].get("updatedReplicas") == tree["status"]["replicas"] == tree["spec"]["replicas"]
        and any(one["type"] == "Progressing" and one["reason"] == "NewReplicaSetAvailable" for one in _conditions(tree))
        for tree in trees
    )


def _conditions(tree: Tree) -> list[Tree]:
    return list(tree["status"].get("conditions", ()))


def _status(kube: Kube, namespace: str) -> list[object]:
    """Return the status of all autoscalers and Deployments."""
    scalers = kube.list("autoscaling/v2", "horizontalpodautoscalers", namespace)
    return [
        *(tree["status"] for tree in scalers),
        *(t["status"] for t in kube.list("apps/v1", "deployments", namespace)),
    ]

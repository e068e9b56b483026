"""Rendered autoscalers with metrics of Prometheus, through the rules that servegen renders for prometheus-adapter."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from tests.e2e.kube import Kube, Tree
from tests.e2e.measured import Exporter, measured
from tests.e2e.rig import Rig
from tests.e2e.truths import made
from tests.e2e.usage import use
from tests.e2e.waiting import until
from tests.support.grants import grant_everything

_PLATFORM: Final = """\
servegen: ~=1.0
clusters:
  main:
    domain: metrics.example.com
    kubernetes: "1.36"
    gateways: {{"80": istio-system/serving}}
    gpu: {{backend: hami, nodes: gfd, cards: [T4]}}
    prometheus: {{adapter: {namespace}/servegen-metrics}}
    metrics:
      gpu: {{exporter: dcgm}}
      qps: {{series: requests_total, query: "sum by (<<.GroupBy>>) (rate(<<.Series>>{{<<.LabelMatchers>>}}[10s]))"}}
environments:
  prod: {{cluster: main, stage: prod, requires: none, namespace: {namespace}}}
"""
_SPEC: Final = """\
model: m
version: v1
type: triton-server
command: run
replicas: 2~4
hpa: {hpa}
scaling: {{down: 4/1s, stabilize: 0s}}
resources: {{cpu: 1, memory: 1000M, gpu: "{gpu}"}}
environments: {{prod: }}
"""
_GPU, _QPS = "m-1", "m-2"
_UTILIZATION, _REQUESTS = "DCGM_FI_DEV_GPU_UTIL", "requests_total"


@pytest.mark.own
@pytest.mark.metrics
def test_autoscalers_with_metrics_of_prometheus(rig: Rig, kube: Kube, namespace: str, tmp_path: Path) -> None:
    objects = _objects(namespace)
    (rules,) = [tree["data"]["config.yaml"] for tree in objects if tree["metadata"]["name"] == "servegen-metrics"]
    use(rig, namespace)
    with measured(rig, namespace, tmp_path, rules) as exporter:
        _idle(exporter)
        rig.apply(objects)
        _reach(kube, namespace, {_GPU: 2, _QPS: 2})
        until("both to have their metrics", lambda: _have_metrics(kube, namespace), report=lambda: _status(kube))

        exporter.gauges[_GPU, _UTILIZATION] = 95  # above 50 %
        _reach(kube, namespace, {_GPU: 4, _QPS: 2})
        exporter.counters[_QPS, _REQUESTS] = 180  # above 100 for each pod
        _reach(kube, namespace, {_GPU: 4, _QPS: 4})

        _idle(exporter)
        _reach(kube, namespace, {_GPU: 2, _QPS: 2})
        use(rig, namespace, cpu="1200m")  # the other metrics of the same autoscaler still count
        _reach(kube, namespace, {_GPU: 4, _QPS: 2})


def _idle(exporter: Exporter) -> None:
    exporter.gauges[_GPU, _UTILIZATION] = 10
    exporter.counters[_QPS, _REQUESTS] = 20


def _objects(namespace: str) -> list[Tree]:
    specs = {
        "services/platform.yaml": grant_everything(_PLATFORM.format(namespace=namespace)).encode(),
        f"services/p/a/{_GPU}.yaml": _SPEC.format(hpa="cpu:50%,mem:50%,gpu:50%", gpu="0.2(T4)").encode(),
        f"services/p/a/{_QPS}.yaml": _SPEC.format(hpa="qps:100", gpu="0").encode(),
    }
    return [one.tree for one in made(specs)]


def _reach(kube: Kube, namespace: str, counts: dict[str, int]) -> None:
    """Wait until the Deployments have these replica counts."""
    until(f"replicas {counts}", lambda: _counts(kube, namespace) == counts, report=lambda: _status(kube))


def _counts(kube: Kube, namespace: str) -> dict[str, int]:
    trees = kube.list("apps/v1", "deployments", namespace)
    return {tree["metadata"]["name"]: tree["spec"]["replicas"] for tree in trees}


def _have_metrics(kube: Kube, namespace: str) -> bool:
    trees = kube.list("autoscaling/v2", "horizontalpodautoscalers", namespace)
    found = [one for tree in trees for one in tree["status"].get("conditions", ()) if one["type"] == "ScalingActive"]
    return len(found) == 2 and all(one["reason"] == "ValidMetricFound" for one in found)


def _status(kube: Kube) -> list[object]:
    trees = kube.list("autoscaling/v2", "horizontalpodautoscalers")
    return [{tree["metadata"]["name"]: tree["status"]} for tree in trees]

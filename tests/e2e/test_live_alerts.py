"""Alerts in a real Prometheus: it evaluates the rules that are in the cluster, while objects in it get bad and recover.

Time runs 60 times as fast for the rules: `for` and the ranges of the queries are that much shorter.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Final
from urllib.request import urlopen

import pytest

from tests.e2e.cluster_state import ClusterState
from tests.e2e.kube import Kube, Tree
from tests.e2e.measured import job, start_prometheus
from tests.e2e.metric_pages import serve_metrics
from tests.e2e.rig import Rig
from tests.e2e.truths import made
from tests.e2e.usage import use
from tests.e2e.waiting import until
from tests.support.grants import grant_everything
from tests.support.processes import Processes

_PLATFORM: Final = """\
servegen: ~=1.0
clusters:
  main:
    domain: alerts.example.com
    kubernetes: "1.36"
    gateways: {{"80": istio-system/serving}}
    monitoring: {{namespace: {namespace}}}
environments:
  prod: {{cluster: main, stage: prod, requires: none, namespace: {namespace}}}
"""
_SPEC: Final = """\
model: m
version: v{number}
type: triton-server
command: run
resources: {{cpu: 1, memory: 1000M}}
environments: {{prod: }}
{more}"""
_STUCK, _BUSY, _HOMELESS = "m-1", "m-2", "m-3"
_SCALED: Final = "replicas: 1~2\nhpa: cpu:50%\nscaling: {down: 4/1s, stabilize: 0s}\n"
_BAD: Final = {("NoReadyPod", _STUCK), ("AutoscalerAtMaximum", _BUSY), ("PodUnscheduled", _HOMELESS)}
_NEVER_READY: Final = {"metadata": {"annotations": {"e2e.servegen/pod": "stuck"}}}  # see fixtures/kwok.yaml
_FITS_NOWHERE: Final = {"spec": {"nodeSelector": {"e2e.servegen/room": "none"}}}
_SPEED: Final = 60
_RANGE: Final = re.compile(r"\[(\d+)m\]")


@pytest.mark.long
@pytest.mark.own
@pytest.mark.metrics
def test_alerts_fire_and_end(rig: Rig, kube: Kube, namespace: str, tmp_path: Path) -> None:
    use(rig, namespace)
    rig.apply(_objects(namespace))
    processes = Processes(tmp_path / "logs", print)
    with serve_metrics(ClusterState(kube, namespace).text) as port:
        try:
            jobs = [{**job("kube-state-metrics", port, "/metrics", {}), "honor_labels": True}]
            prometheus = start_prometheus(rig, processes, tmp_path, jobs, _rules(kube, namespace))
            until("all pods to be ready", lambda: _ready(kube, namespace) == len(_BAD))

            use(rig, namespace, cpu="1200m")
            _replace_pods(kube, namespace, _STUCK, _NEVER_READY, strategy={"type": "Recreate", "rollingUpdate": None})
            _replace_pods(kube, namespace, _HOMELESS, _FITS_NOWHERE)
            _reach(prometheus, _BAD)

            use(rig, namespace)
            _replace_pods(kube, namespace, _STUCK, _without(_NEVER_READY))
            _replace_pods(kube, namespace, _HOMELESS, _without(_FITS_NOWHERE))
            _reach(prometheus, set())
        finally:
            processes.stop()


def _objects(namespace: str) -> list[Tree]:
    specs = {
        "services/platform.yaml": grant_everything(_PLATFORM.format(namespace=namespace)).encode(),
        **{
            f"services/p/a/m-{number}.yaml": _SPEC.format(number=number, more=more).encode()
            for number, more in enumerate(("", _SCALED, ""), 1)
        },
    }
    return [one.tree for one in made(specs)]


def _rules(kube: Kube, namespace: str) -> list[dict[str, Any]]:
    """Return the groups of rules in the cluster, faster."""
    trees = kube.list("monitoring.coreos.com/v1", "prometheusrules", namespace)
    groups = [group for tree in trees for group in tree["spec"]["groups"]]
    return [{**group, "interval": "1s", "rules": [_faster(rule) for rule in group["rules"]]} for group in groups]


def _faster(rule: dict[str, Any]) -> dict[str, Any]:
    text = _RANGE.sub(lambda found: f"[{int(found[1]) * 60 // _SPEED}s]", rule["expr"])
    lasts = {"for": f"{int(rule['for'].removesuffix('s')) // _SPEED}s"} if "for" in rule else {}
    return {**rule, "expr": text, **lasts}


def _replace_pods(kube: Kube, namespace: str, service: str, template: Tree, **settings: Any) -> None:
    """Patch the template of a service's pods, so that its Deployment replaces them."""
    kube.patch("apps/v1", "deployments", namespace, service, {"spec": {"template": template, **settings}})


def _without(patch: Tree) -> Tree:
    """Return the merge patch that removes what another one sets."""
    return {key: _without(value) if isinstance(value, dict) else None for key, value in patch.items()}


def _ready(kube: Kube, namespace: str) -> int:
    """Return how many Deployments have all their pods."""
    trees = kube.list("apps/v1", "deployments", namespace)
    return sum(tree["status"].get("availableReplicas", 0) == tree["spec"]["replicas"] for tree in trees)


def _reach(prometheus: str, alerts: set[tuple[str, str]]) -> None:
    """Wait until exactly these alerts fire."""
    until(f"alerts {alerts}", lambda: _firing(prometheus) == alerts, report=lambda: _known(prometheus))


def _firing(prometheus: str) -> set[tuple[str, str]]:
    """Return the names and services of the alerts that fire."""
    firing = (one["labels"] for one in _known(prometheus) if one["state"] == "firing")
    return {(labels["alertname"].removeprefix("Servegen"), labels.get("service", "")) for labels in firing}


def _known(prometheus: str) -> list[dict[str, Any]]:
    """Return the alerts that fire, and those that will if their cause lasts."""
    with urlopen(f"{prometheus}/api/v1/alerts", timeout=10) as reply:
        found: list[dict[str, Any]] = json.load(reply)["data"]["alerts"]
    return found

"""Rendered ScaledObjects under the real KEDA, with metrics of a real Prometheus."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.request import urlopen
from zoneinfo import ZoneInfo

import pytest

from tests.e2e.kube import Kube, Tree
from tests.e2e.measured import Exporter, observed
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
    domain: keda.example.com
    kubernetes: "1.36"
    gateways: {{"80": istio-system/serving}}
    gpu: {{backend: hami, nodes: gfd, cards: [T4]}}
    autoscaler: {autoscaler}
    keda: {{time_zone: Asia/Shanghai}}
    prometheus: {{address: "{address}", adapter: {namespace}/servegen-metrics}}
    metrics:
      gpu: {{exporter: hami}}
      qps: {{series: requests_total, query: "sum by (<<.GroupBy>>) (rate(<<.Series>>{{<<.LabelMatchers>>}}[10s]))"}}
      waiting: {{series: requests_waiting}}
      jobs: {{series: jobs_ready, kind: External, selector: {{queue: "{{service}}"}}, holds_requests: true}}
environments:
  prod: {{cluster: main, stage: prod, requires: none, namespace: {namespace}}}
"""
_SPEC: Final = """\
model: m
version: v1
type: {type}
image: example.com/m:1
command: run
health: 8000:/health
resources: {{cpu: 1, memory: 1000M, gpu: "{gpu}"}}
environments: {{prod: }}
"""
# KEDA asks once in 30 seconds by default, and the autoscaler waits for the load to stay low.
_QUICK: Final = """\
scaling: {{up: 4/1s, down: 4/1s, stabilize: 0s{more}}}
patches: [{{kind: ScaledObject, spec: {{pollingInterval: 1}}}}]
"""
_QUERIES: Final = re.compile(r'^prometheus_http_requests_total\{.*handler="/api/v1/query".*\} (\S+)$', re.MULTILINE)
_SCALED: Final = ("keda.sh/v1alpha1", "scaledobjects")
_AUTOSCALERS: Final = ("autoscaling/v2", "horizontalpodautoscalers")


@dataclass(frozen=True, slots=True)
class _Fleet:
    """Services in a namespace, with what is measured of them."""

    rig: Rig
    kube: Kube
    namespace: str
    address: str
    exporter: Exporter

    def apply(self, specs: Mapping[str, str], autoscaler: str = "keda") -> None:
        """Apply the objects of services, by name."""
        platform = _PLATFORM.format(autoscaler=autoscaler, address=self.address, namespace=self.namespace)
        files = {f"services/p/a/{name}.yaml": text.encode() for name, text in specs.items()}
        self.rig.apply(
            [one.tree for one in made({"services/platform.yaml": grant_everything(platform).encode(), **files})]
        )

    def counts(self) -> dict[str, int]:
        """Return the replica count of each Deployment."""
        trees = self.kube.list("apps/v1", "deployments", self.namespace)
        return {tree["metadata"]["name"]: tree["spec"]["replicas"] for tree in trees}

    def reach(self, **counts: int) -> None:
        """Wait until the Deployments have these replica counts."""
        wanted = {name.replace("_", "-"): count for name, count in counts.items()}
        until(f"replicas {wanted}", lambda: self.counts() == wanted, report=self.status)

    def await_condition(self, name: str, kind: str, status: str = "True") -> None:
        """Wait until a condition of a ScaledObject has a status."""
        until(f"{name}: {kind} {status}", lambda: self._conditions(name).get(kind) == status, report=self.status)

    def await_queries(self, count: int) -> None:
        """Wait until Prometheus has answered so many more queries: KEDA asks once a second for each metric."""
        wanted = self._queries() + count
        until(f"{count} queries", lambda: self._queries() >= wanted)

    def _queries(self) -> float:
        with urlopen(f"{self.address}/metrics", timeout=10) as reply:
            found = _QUERIES.findall(reply.read().decode())
        return sum(map(float, found))

    def autoscaler(self, name: str) -> Tree:
        """Wait for an autoscaler that has its metrics, and return it."""
        until(f"{name} to have its metrics", lambda: self._has_metrics(name), report=self.status)
        found = self.kube.get(*_AUTOSCALERS, self.namespace, name)
        assert found is not None
        return found

    def _has_metrics(self, name: str) -> bool:
        tree = self.kube.get(*_AUTOSCALERS, self.namespace, name)
        conditions = tree["status"].get("conditions", ()) if tree is not None else ()
        return any(one["type"] == "ScalingActive" and one["reason"] == "ValidMetricFound" for one in conditions)

    def _conditions(self, name: str) -> dict[str, str]:
        tree = self.kube.get(*_SCALED, self.namespace, name)
        conditions = tree.get("status", {}).get("conditions", ()) if tree is not None else ()
        return {one["type"]: one["status"] for one in conditions}

    def status(self) -> list[Any]:
        """Return what KEDA and the autoscalers say, for a report."""
        trees = [*self.kube.list(*_SCALED, self.namespace), *self.kube.list(*_AUTOSCALERS, self.namespace)]
        return [self.counts(), *({tree["metadata"]["name"]: tree.get("status")} for tree in trees)]


@pytest.fixture
def fleet(rig: Rig, kube: Kube, namespace: str, scaler: Processes, tmp_path: Path) -> Iterator[_Fleet]:
    """An empty fleet whose pods use little."""
    assert scaler.running
    use(rig, namespace)
    with observed(rig, namespace, tmp_path) as (exporter, address):
        yield _Fleet(rig, kube, namespace, address, exporter)


def _spec(replicas: str, *lines: str, type: str = "serving", gpu: str = "0", schedule: str = "") -> str:
    more = f', schedule: "{schedule}"' if schedule else ""
    keys = "".join(f"{line}\n" for line in (f"replicas: {replicas}", *lines))
    return _SPEC.format(type=type, gpu=gpu) + keys + _QUICK.format(more=more)


def test_load_of_pods_scales_up_and_down(rig: Rig, fleet: _Fleet) -> None:
    exporter = fleet.exporter
    exporter.counters["m-1", "requests_total"] = 20
    exporter.gauges["m-1", "hami_container_device_utilization_ratio"] = 10
    exporter.own["m-2", "vllm:num_requests_waiting"] = 1
    fleet.apply(
        {
            "m-1": _spec("1~4", "hpa: cpu:50%,mem:80%,gpu:50%,qps:100", gpu="0.2(T4)"),
            "m-2": _spec("1~4", "hpa: queue:5", type="vllm"),
        }
    )
    for name in ("m-1", "m-2"):
        fleet.await_condition(name, "Ready")
        assert fleet.autoscaler(name)["metadata"]["ownerReferences"][0]["kind"] == "ScaledObject"
    fleet.reach(m_1=1, m_2=1)

    exporter.counters["m-1", "requests_total"] = 180  # above 100 for each pod
    exporter.own["m-2", "vllm:num_requests_waiting"] = 15  # above 5 for each pod
    fleet.reach(m_1=4, m_2=4)
    exporter.counters["m-1", "requests_total"] = 20
    exporter.own["m-2", "vllm:num_requests_waiting"] = 1
    fleet.reach(m_1=1, m_2=1)
    use(rig, fleet.namespace, cpu="1200m")  # of 1 CPU
    fleet.reach(m_1=4, m_2=1)
    use(rig, fleet.namespace)
    fleet.reach(m_1=1, m_2=1)
    exporter.gauges["m-1", "hami_container_device_utilization_ratio"] = 95
    fleet.reach(m_1=4, m_2=1)


def test_a_queue_elsewhere_starts_the_first_pod_and_ends_the_last(fleet: _Fleet) -> None:
    exporter = fleet.exporter
    first, second = (f'jobs_ready{{queue="{name}"}}' for name in ("m-1", "m-2"))
    exporter.others |= {first: 0, second: 0}
    exporter.own["m-2", "requests_waiting"] = 0  # which does not exist while no pod runs
    fleet.apply({"m-1": _spec("0~4", "hpa: cpu:50%,jobs:20"), "m-2": _spec("0~4", "hpa: jobs:20,waiting:3")})
    fleet.reach(m_1=0, m_2=0)
    fleet.await_condition("m-1", "Ready")
    fleet.await_condition("m-2", "Ready", "False")
    fleet.await_queries(20)
    assert fleet.counts() == {"m-1": 0, "m-2": 0}, fleet.status()

    exporter.others |= {first: 70, second: 15}
    fleet.reach(m_1=4, m_2=1)
    fleet.await_condition("m-2", "Ready")
    exporter.others |= {first: 0, second: 0}
    fleet.reach(m_1=0, m_2=0)


def test_a_query_that_fails_removes_no_pod(fleet: _Fleet) -> None:
    series = {name: f'jobs_ready{{queue="{name}"}}' for name in ("m-1", "m-2")}
    fleet.exporter.others |= dict.fromkeys(series.values(), 70)
    fleet.apply({"m-1": _spec("0~4", "hpa: jobs:20"), "m-2": _spec("1~4", "hpa: jobs:20")})
    fleet.reach(m_1=4, m_2=4)
    fleet.exporter.others.clear()
    fleet.await_condition("m-1", "Ready", "False")
    fleet.await_condition("m-2", "Fallback")
    fleet.await_queries(20)
    assert fleet.counts() == {"m-1": 4, "m-2": 4}, fleet.status()
    fleet.exporter.others |= dict.fromkeys(series.values(), 0)
    fleet.reach(m_1=0, m_2=1)


def test_hours_of_the_day(fleet: _Fleet) -> None:
    now = datetime.datetime.now(ZoneInfo("Asia/Shanghai"))
    hours = [(now.hour + later) % 24 for later in (-1, 2, 5)]
    begin, end = (now + datetime.timedelta(minutes=later, seconds=15) for later in (1, 2))
    minutes = f"{begin:%H:%M}~{end:%H:%M}:1"
    fleet.apply(
        {
            "m-1": _spec("0~4", schedule=f"{hours[0]}~{hours[1]}:2,{hours[1]}~{hours[0]}:0"),
            "m-2": _spec("0~4", schedule=f"{hours[1]}~{hours[2]}:2,{hours[2]}~{hours[1]}:0"),
            "m-3": _spec("0~4", schedule=minutes),
        }
    )
    fleet.reach(m_1=2, m_2=0, m_3=0)
    fleet.reach(m_1=2, m_2=0, m_3=1)
    fleet.reach(m_1=2, m_2=0, m_3=0)
    for name in ("m-1", "m-2", "m-3"):
        fleet.await_condition(name, "Ready")


def test_keda_takes_over_the_autoscaler_that_was_rendered_before(kube: Kube, fleet: _Fleet) -> None:
    specs = {"m-1": _spec("1~4", "hpa: cpu:50%").partition("patches:")[0]}
    fleet.apply(specs, autoscaler="hpa")
    before = fleet.autoscaler("m-1")
    fleet.apply(specs)
    fleet.await_condition("m-1", "Ready")
    (after,) = kube.list(*_AUTOSCALERS, fleet.namespace)
    assert after["metadata"]["uid"] == before["metadata"]["uid"]
    assert after["metadata"]["ownerReferences"][0]["kind"] == "ScaledObject"
    # What a delivery tool does, since no file has it any more.
    kube.delete(*_AUTOSCALERS, fleet.namespace, "m-1")
    assert fleet.autoscaler("m-1")["metadata"]["uid"] != before["metadata"]["uid"]

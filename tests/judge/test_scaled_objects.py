"""What `servegen validate` refuses of a ScaledObject, KEDA's own admission webhook refuses too."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any, Final

from generator.checks.api.rivals import find_rivals
from generator.core.paths import templates_root
from generator.core.template_loader import TemplateLoader
from generator.pipeline.expected import expected_manifests
from generator.pipeline.plan import plan
from generator.pipeline.validators import embedded_validator
from generator.repo.repository import schemas_of
from generator.repo.spec_files import read_spec_files
from tests.conftest import ROOT
from tests.judge.program import judge_scaled_objects
from tests.support.grants import grant_everything

Tree = dict[str, Any]
_LOADER: Final = TemplateLoader((templates_root(),))
_PLATFORM: Final = """\
servegen: ~=1.0
clusters:
  main:
    domain: keda.example.com
    gateways: {{"80": istio-system/serving}}
    autoscaler: keda
    prometheus: {{address: "http://127.0.0.1:9"}}
    metrics:
      jobs: {{series: jobs_ready, kind: External, selector: {{queue: "{{service}}"}}, holds_requests: true}}
environments:
  prod: {{cluster: main, stage: prod, requires: none, namespace: {namespace}}}
"""
_SPEC: Final = """\
model: m
version: v1
type: serving
image: example.com/m:1
command: run
health: 8080:/ready
replicas: 1~4
hpa: {hpa}
resources: {{cpu: 1, memory: 1G}}
environments: {{prod: }}
"""
_QUERY: Final = {"serverAddress": "http://127.0.0.1:9", "query": "a", "threshold": "1"}
_TWICE: Final = [{"type": "prometheus", "name": "a", "metadata": _QUERY}] * 2
_CACHED: Final = [
    {"type": "cpu", "metricType": "Utilization", "useCachedMetrics": True, "metadata": {"value": "50"}},
    {"type": "prometheus", "name": "a", "metadata": _QUERY},
]
_LONG: Final = {"horizontalPodAutoscalerConfig": {"name": "a" * 64}}
# What is patched into a ScaledObject, with what servegen reports; nothing for what KEDA takes.
_CASES: Final[tuple[tuple[str, Mapping[str, Any], set[str]], ...]] = (
    ("jobs:10", {"minReplicaCount": 9}, {"O09"}),
    ("jobs:10", {"idleReplicaCount": 1}, {"O02"}),
    ("jobs:10", {"fallback": {"failureThreshold": -1, "replicas": 1}}, {"V01"}),
    ("cpu:50%", {"minReplicaCount": 0}, {"O02"}),
    ("cpu:50%", {"fallback": {"failureThreshold": 3, "replicas": 1}}, {"O01"}),
    ("jobs:10", {"triggers": _CACHED}, {"O01"}),
    ("jobs:10", {"triggers": _TWICE}, {"O07"}),
    ("jobs:10", {"triggers": []}, {"V01"}),
    ("jobs:10", {"advanced": _LONG}, {"N04"}),
    ("jobs:10", {"minReplicaCount": 0}, set()),
    ("jobs:10", {"minReplicaCount": 2, "idleReplicaCount": 0}, set()),
    ("cpu:50%,jobs:10", {"minReplicaCount": 0}, set()),
    ("cpu:50%", {"maxReplicaCount": 1}, set()),
)


def test_keda_refuses_what_servegen_refuses() -> None:
    made = [_made(f"c{index}", hpa, patch) for index, (hpa, patch, _) in enumerate(_CASES)]
    assert [ids for _, ids in made] == [ids for _, _, ids in _CASES]
    answers = judge_scaled_objects([_with_scaled_object_last(trees) for trees, _ in made])
    assert [bool(answer) for answer in answers] == [bool(ids) for _, ids in made], answers
    refused = sum(map(bool, answers))
    sys.stdout.write(f"ScaledObjects: {refused} of {len(answers)} refused by KEDA, and by servegen the same\n")


def test_keda_takes_what_servegen_renders() -> None:
    planned = plan(read_spec_files(ROOT / "tests/cases/autoscalers/keda").contents, _LOADER)
    trees = [entry.tree for entry in expected_manifests(planned.fleet, planned.routing, _LOADER)]
    pods = {tree["metadata"]["name"]: tree for tree in trees if tree["kind"] == "Deployment"}
    scaled = [tree for tree in trees if tree["kind"] == "ScaledObject"]
    assert len(scaled) > 4
    cases = [[*([pods[name]] if (name := tree["metadata"]["name"]) in pods else []), tree] for tree in scaled]
    assert judge_scaled_objects(cases) == [""] * len(cases)


def test_keda_refuses_a_second_autoscaler() -> None:
    trees = _with_scaled_object_last(_made("other", "jobs:10", {})[0])
    one: Tree = trees[-1]
    other = {**one, "metadata": {"name": "other", "namespace": "other"}}
    assert [refusal.id for refusal in find_rivals(other, [one, other])] == ["S26"]
    (answer,) = judge_scaled_objects([[*trees, other]])
    assert "is already managed by the ScaledObject 'm-1'" in answer


def _made(namespace: str, hpa: str, patch: Mapping[str, Any]) -> tuple[list[Tree], set[str]]:
    """Return the objects of a service with a patched ScaledObject, and the ids of the errors."""
    spec = _SPEC.format(hpa=hpa)
    if patch:
        spec += f"patches: [{{kind: ScaledObject, spec: {dict(patch)!r}}}]\n".replace("True", "true")
    platform = grant_everything(_PLATFORM.format(namespace=namespace))
    files = {"services/platform.yaml": platform.encode(), "services/p/a/m-1.yaml": spec.encode()}
    planned = plan(files, _LOADER, validate=embedded_validator(schemas_of(ROOT)))
    manifests = expected_manifests(planned.fleet, planned.routing, _LOADER)
    return [entry.tree for entry in manifests], {one.id for one in planned.findings if one.severity == "error"}


def _with_scaled_object_last(trees: list[Tree]) -> list[Tree]:
    found = {tree["kind"]: tree for tree in trees}
    return [found["Deployment"], found["ScaledObject"]]

"""The tolerations of a pod: those of its GPU backend, then those of its spec."""

from __future__ import annotations

from typing import Any

import pytest

from generator.core.paths import templates_root
from generator.core.template_loader import TemplateLoader
from generator.pipeline.expected import expected_manifests
from generator.pipeline.plan import plan
from generator.pipeline.validators import embedded_validator
from generator.repo.repository import schemas_of
from tests.conftest import ROOT
from tests.support.fleets import PLATFORM

LIBRARY = TemplateLoader((templates_root(),))
GPU = {"key": "nvidia.com/gpu", "operator": "Exists", "effect": "NoSchedule"}
DEDICATED = {"key": "dedicated", "operator": "Equal", "value": "gpu", "effect": "NoSchedule"}
ANY = {"key": "a", "operator": "Exists", "effect": "NoExecute"}
CASES: list[tuple[str, str, list[dict[str, Any]] | None]] = [
    ("", "", None),
    ("resources: {gpu: 1(T4)}", "", [GPU]),
    ("tolerations: dedicated=gpu:NoSchedule", "", [DEDICATED]),
    ("resources: {gpu: 1(T4)}\ntolerations: dedicated=gpu:NoSchedule", "", [GPU, DEDICATED]),
    ("resources: {gpu: 1(T4)}\ntolerations: nvidia.com/gpu:NoSchedule,dedicated=gpu:NoSchedule", "", [GPU, DEDICATED]),
    ("tolerations: dedicated=gpu:NoSchedule, dedicated=gpu:NoSchedule", "", [DEDICATED]),
    ("tolerations: a:NoExecute", "tolerations: dedicated=gpu:NoSchedule", [ANY, DEDICATED]),
    ("tolerations: a:NoExecute", "tolerations: ['a:NoExecute': null, dedicated=gpu:NoSchedule]", [DEDICATED]),
    ("tolerations: a:NoExecute", "tolerations: [null, dedicated=gpu:NoSchedule]", [DEDICATED]),
    (
        "tolerations: a:NoExecute",
        "tolerations: {key: a, operator: Exists, effect: NoExecute, tolerationSeconds: 60}",
        [{**ANY, "tolerationSeconds": 60}],
    ),
    ("tolerations: dedicated=gpu:NoSchedule", "tolerations: []", None),
    ("tolerations: dedicated=gpu:NoSchedule", "tolerations: null", None),
    (
        "tolerations: [{operator: Exists, effect: NoExecute, tolerationSeconds: 300}]",
        "",
        [{"operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}],
    ),
]


@pytest.mark.parametrize(("service", "stanza", "expected"), CASES)
def test_tolerations(service: str, stanza: str, expected: list[dict[str, Any]] | None) -> None:
    keys = f"model: m\nversion: v1\ntype: triton-server\ncommand: run\nupdate: replace\n{service}"
    spec = f"{keys}\nenvironments:\n  prod: {{{stanza}}}\n"
    files = {"services/platform.yaml": PLATFORM.encode(), "services/p/a/m-1.yaml": spec.encode()}
    made = plan(files, LIBRARY, validate=embedded_validator(schemas_of(ROOT)))
    assert made.findings == ()
    trees = [entry.tree for entry in expected_manifests(made.fleet, made.routing, LIBRARY)]
    pods = [tree["spec"]["template"]["spec"] for tree in trees if tree["kind"] == "Deployment"]
    assert [pod.get("tolerations") for pod in pods] == [expected]

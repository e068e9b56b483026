"""Replica counts and autoscalers that no delivery and no other container of the pod makes ineffective."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from generator.core.programs.kustomize import build
from tests.support.command import servegen
from tests.support.fleets import PLATFORM

_SPEC = """\
model: m
version: v1
type: triton-server
command: run
replicas: {min: 2, max: 6, start: 4}
hpa: cpu:60%,mem:70%
environments: {test: , prod: }
"""
_LOGS = """\
patches:
  - kind: Deployment
    spec: {template: {spec: {containers: [{name: logs, image: "example.com/logs:1"}]}}}
"""
_DELIVERY = "delivery: {{tool: {tool}, repository: 'https://git.example.com/team/models.git'}}\n\nclusters:\n"


def _built(root: Path, kustomize: Path, spec: str, *, tool: str = "none") -> dict[str, dict[str, dict[str, Any]]]:
    """Render a service and return what kustomize makes of each overlay, by environment and kind."""
    platform = PLATFORM.replace("clusters:\n", _DELIVERY.format(tool=tool), 1)
    # The patch adds a container without limits, which `restricted` forbids.
    platform = platform.replace("pod_security: restricted ", "pod_security: privileged ")
    for name, text in (("platform", platform), ("p/a/m-1", spec)):
        path = root / "services" / f"{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    done = servegen(root, "render")
    assert done.returncode == 0, done.stderr
    folders = sorted((root / "rendered" / "p" / "a" / "overlays").iterdir())
    return {folder.name: {tree["kind"]: tree for tree in build(folder, kustomize)} for folder in folders}


@pytest.mark.parametrize(("tool", "prod"), [("none", None), ("argocd", 4), ("flux", 4)])
def test_an_autoscaled_deployment_has_a_count_only_if_delivery_ignores_it(
    tmp_path: Path, kustomize: Path, tool: str, prod: int | None
) -> None:
    made = _built(tmp_path, kustomize, _SPEC, tool=tool)
    assert made["test"]["Deployment"]["spec"]["replicas"] == 2
    assert made["prod"]["Deployment"]["spec"].get("replicas") == prod
    assert made["prod"]["HorizontalPodAutoscaler"]["spec"]["minReplicas"] == 2


def test_a_fixed_count_is_applied_by_every_tool(tmp_path: Path, kustomize: Path) -> None:
    made = _built(tmp_path, kustomize, _SPEC.replace("{min: 2, max: 6, start: 4}", "3"))
    assert made["prod"]["Deployment"]["spec"]["replicas"] == 3
    assert "HorizontalPodAutoscaler" not in made["prod"]


@pytest.mark.parametrize("extra", ["", "sidecar: istio\n", _LOGS])
def test_only_the_server_counts_for_cpu_and_memory(tmp_path: Path, kustomize: Path, extra: str) -> None:
    made = _built(tmp_path, kustomize, _SPEC + extra)
    assert made["prod"]["HorizontalPodAutoscaler"]["spec"]["metrics"] == yaml.safe_load("""
- type: ContainerResource
  containerResource: {name: cpu, container: main, target: {type: Utilization, averageUtilization: 60}}
- type: ContainerResource
  containerResource: {name: memory, container: main, target: {type: Utilization, averageUtilization: 70}}
""")

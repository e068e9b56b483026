"""The objects of a service in each environment: stages, lifted rules, several clusters, layers, unchanged strings."""

from __future__ import annotations

from typing import Any

import pytest

from generator.core.paths import templates_root
from generator.core.template_loader import TemplateLoader
from generator.pipeline.expected import expected_manifests
from generator.pipeline.plan import plan
from tests.support.fleets import PLATFORM

LIBRARY = TemplateLoader((templates_root(),))
SPEC = """\
model: m
version: 1.10
type: serving
image: example/m:1
ports: 8000
health: 8000:/ok
replicas: 2~4
hpa: cpu:50%
command: serve
env: {A: on, B: 1e3, C: 010}
environments: {debug: , test: , prod: }
"""


def _truth(spec: str, platform: str = PLATFORM, project: str = "") -> dict[str, dict[str, Any]]:
    """The manifests of each environment by kind; the last one if there are several of a kind."""
    files = {"services/platform.yaml": platform.encode(), "services/p/a/m-1.yaml": spec.encode()}
    if project:
        files["services/p/project.yaml"] = project.encode()
    made = plan(files, LIBRARY)
    assert [str(finding) for finding in made.findings] == []
    out: dict[str, dict[str, Any]] = {}
    for entry in expected_manifests(made.fleet, made.routing, LIBRARY):
        out.setdefault(entry.environment, {})[entry.tree["kind"]] = entry.tree
    return out


def _container(objects: dict[str, Any]) -> dict[str, Any]:
    container: dict[str, Any] = objects["Deployment"]["spec"]["template"]["spec"]["containers"][0]
    return container


def _env(objects: dict[str, Any]) -> dict[str, str]:
    return {item["name"]: item["value"] for item in _container(objects)["env"] if "value" in item}


def test_the_three_stages() -> None:
    made = _truth(SPEC)
    facts = {
        name: (
            _container(objects)["command"],
            _container(objects).get("tty", False),
            "readinessProbe" in _container(objects),
            objects["Deployment"]["spec"].get("replicas"),
            "HorizontalPodAutoscaler" in objects,
            "PodDisruptionBudget" in objects,
            objects["VirtualService"]["spec"]["hosts"],
            _env(objects)["KUBEFLOW_ENV"],
        )
        for name, objects in made.items()
    }
    host = "m-1.service.example.com"
    assert facts == {
        "debug": (["sleep", "infinity"], True, False, 1, False, False, [f"debug.{host}"], "debug"),
        "test": (["bash", "-c", "serve"], False, True, 2, False, False, [f"test.{host}"], "test"),
        "prod": (["bash", "-c", "serve"], False, True, None, True, True, [host], "prod"),
    }


def test_texts_arrive_as_written() -> None:
    env = _env(_truth(SPEC)["prod"])
    assert {name: env[name] for name in ("A", "B", "C", "KUBEFLOW_MODEL_VERSION")} == {
        "A": "on",
        "B": "1e3",
        "C": "010",
        "KUBEFLOW_MODEL_VERSION": "1.10",
    }


def test_a_service_lifts_a_rule_only_in_its_own_environment() -> None:
    made = _truth(SPEC.replace("debug: ", "debug: {rules: {probes: true}}"))
    assert "readinessProbe" in _container(made["debug"])
    assert _container(made["debug"])["command"] == ["sleep", "infinity"]


def test_another_production_on_another_cluster() -> None:
    """A new environment needs only platform keys; KUBEFLOW_ENV is still prod, with the facts of its own cluster."""
    cluster = (
        "  far:\n    domain: far.example.com\n    area: guangzhou\n    kubernetes: '1.33'\n"
        "    gateways: {'80': mesh/gate}\n    gpu: {backend: nvidia, nodes: cube}\n"
    )
    environment = "  far:\n    cluster: far\n    stage: prod\n"
    platform = PLATFORM.replace("\nenvironments:\n", f"\n{cluster}\nenvironments:\n{environment}")
    objects = _truth(SPEC.replace("prod: }", "prod: , far: }"), platform)["far"]
    assert (_env(objects)["KUBEFLOW_ENV"], _env(objects)["KUBEFLOW_AREA"]) == ("prod", "guangzhou")
    assert objects["VirtualService"]["spec"]["hosts"] == ["m-1.far.example.com"]
    assert objects["VirtualService"]["spec"]["gateways"] == ["mesh/gate"]
    assert objects["Deployment"]["spec"]["template"]["spec"]["nodeSelector"] == {"cpu": "true", "service": "true"}
    assert objects["Deployment"]["metadata"]["namespace"] == "p-far"


# Each layer sets one more variable, and overrides the last variable of the previous layer.
LAYERS = ["platform", "cluster", "environment", "project", "project in prod", "service", "service in prod"]


def test_later_layers_win_key_by_key() -> None:
    def sets(index: int) -> str:
        return f"{{env: {{V{index}: '{index}', V{index + 1}: '{index}'}}}}"

    platform = PLATFORM.replace(
        "clusters:\n  main:\n", f"defaults: {sets(0)}\nclusters:\n  main:\n    defaults: {sets(1)}\n"
    )
    platform = platform.replace("  prod:\n    cluster: main", f"  prod:\n    defaults: {sets(2)}\n    cluster: main")
    project = f"defaults: {sets(3)}\nenvironments: {{prod: {{defaults: {sets(4)}}}}}\n"
    spec = SPEC.replace("env: {A: on, B: 1e3, C: 010}", f"env: {sets(5)[6:-1]}").replace(
        "prod: }", f"prod: {sets(6)}}}"
    )
    env = _env(_truth(spec, platform, project)["prod"])
    assert {name: value for name, value in env.items() if name.startswith("V")} == {
        f"V{index}": str(min(index, 6)) for index in range(8)
    }


@pytest.mark.parametrize(("written", "found"), [("null", None), ("~", None), ("", ["bash", "-c", "serve"])])
def test_null_removes_and_an_empty_value_inherits(written: str, found: list[str] | None) -> None:
    made = _truth(SPEC.replace("test: ,", f"test: {{command: {written}}},"))
    assert _container(made["test"]).get("command") == found

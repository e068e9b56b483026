"""Kueue: the queues of a cluster, and the labels by which it admits the pods of services."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import yaml

from generator.core.paths import templates_root
from generator.core.template_loader import TemplateLoader
from generator.pipeline.expected import expected_manifests
from generator.pipeline.plan import Plan, plan
from generator.pipeline.validators import embedded_validator
from generator.repo.repository import schemas_of
from generator.schemas.catalogue import SchemaCatalog
from generator.schemas.kubeconform import validate
from tests.conftest import ROOT
from tests.support.fleets import PLATFORM

LIBRARY: Final = TemplateLoader((templates_root(),))
_QUEUES: Final = """\
    kueue:
      quota: {cpu: 200, memory: 1Ti, gpu: 32, pods: 500}
      projects: {speech: {gpu: 8, resources: {nvidia.com/gpumem: 120000}}}
    gpu:"""
_SPEC: Final = (
    "model: m\nversion: v1\ntype: serving\nimage: example.com/m:1\ncommand: run\nenvironments: {test: , prod: }\n"
)
_NODES: Final = _SPEC.replace("type: serving", "type: vllm") + "nodes: 2\nresources: {gpu: 8}\nupdate: replace\n"


def _planned(tool: str = "") -> Plan:
    platform = PLATFORM.replace("    gpu:", _QUEUES, 1)
    if tool:
        delivery = f"delivery: {{tool: {tool}, repository: 'https://git.example.com/team/models.git'}}\n\nclusters:\n"
        platform = platform.replace("clusters:\n", delivery, 1)
    specs = {
        "platform": platform,
        "vision/a/m-1": f"{_SPEC}priority: serving-high\n",
        "vision/a/m-2": f"{_SPEC}queue: none\n",
        "vision/a/m-3": f"{_SPEC}queue: batch\n",
        "speech/b/n-1": _NODES,
    }
    files = {f"services/{name}.yaml": text.encode() for name, text in specs.items()}
    made = plan(files, LIBRARY, validate=embedded_validator(schemas_of(ROOT)))
    assert [finding for finding in made.findings if finding.severity == "error"] == []
    return made


def _trees(made: Plan) -> list[dict[str, Any]]:
    return [entry.tree for entry in expected_manifests(made.fleet, made.routing, LIBRARY)]


def test_the_queues_are_valid_and_each_namespace_has_one_of_its_project(kubeconform: Path) -> None:
    queues = [tree for tree in _trees(_planned()) if tree["apiVersion"] == "kueue.x-k8s.io/v1beta2"]
    assert validate(queues, SchemaCatalog.open("1.36"), kubeconform) == []
    local = {
        (tree["metadata"]["namespace"], tree["metadata"]["name"]): tree["spec"]["clusterQueue"]
        for tree in queues
        if tree["kind"] == "LocalQueue"
    }
    assert local == {
        ("speech-prod", "speech"): "servegen-speech",
        ("speech-test", "speech"): "servegen-speech",
        ("vision-prod", "vision"): "servegen",
        ("vision-test", "vision"): "servegen",
    }
    clusters = {tree["metadata"]["name"]: tree["spec"] for tree in queues if tree["kind"] == "ClusterQueue"}
    assert {name: _nominal(spec) for name, spec in clusters.items()} == {
        "servegen": {
            "cpu": "200",
            "memory": "1Ti",
            "ephemeral-storage": "1Pi",
            "pods": "500",
            "nvidia.com/gpu": "32",
        },
        "servegen-speech": {
            "cpu": "1M",
            "memory": "1Pi",
            "ephemeral-storage": "1Pi",
            "nvidia.com/gpu": "8",
            "nvidia.com/gpumem": "120000",
        },
    }
    (admitted,) = clusters["servegen-speech"]["namespaceSelector"]["matchExpressions"]
    assert admitted["values"] == ["speech-test", "speech-prod"]
    first = next(tree for tree in queues if tree["kind"] == "WorkloadPriorityClass")
    assert (first["metadata"]["name"], first["value"]) == ("serving-high", 1000)


def _nominal(spec: dict[str, Any]) -> dict[str, str]:
    (group,) = spec["resourceGroups"]
    amounts = {entry["name"]: entry["nominalQuota"] for entry in group["flavors"][0]["resources"]}
    assert list(amounts) == group["coveredResources"]  # Kueue wants one order
    return amounts


def test_workloads_name_their_queue_and_no_other_object_does() -> None:
    found = {}
    for tree in _trees(_planned()):
        labels = {key: value for key, value in tree["metadata"].get("labels", {}).items() if "kueue" in key}
        if tree["kind"] in ("Deployment", "LeaderWorkerSet"):
            found[tree["metadata"]["name"]] = labels
        else:
            assert labels == {}
    queue = "kueue.x-k8s.io/queue-name"
    assert found == {
        "m-1": {queue: "vision", "kueue.x-k8s.io/priority-class": "serving-high"},
        "m-2": {},
        "m-3": {queue: "batch"},
        "n-1": {queue: "speech"},
    }


def test_argo_cd_admits_queues() -> None:
    text = _planned("argocd").files["rendered/argocd/_clusters/main/servegen.yaml"]
    projects = [tree for tree in yaml.safe_load_all(text) if tree["kind"] == "AppProject"]
    texts = [path for path in _planned("argocd").files if path.endswith("root.yaml")]
    root = next(iter(yaml.safe_load_all(_planned("argocd").files[texts[0]])))
    kinds = {rule["kind"] for rule in root["spec"]["clusterResourceWhitelist"]}
    assert {"ClusterQueue", "LocalQueue", "ResourceFlavor", "WorkloadPriorityClass"} <= kinds
    assert "ClusterQueue" not in str(projects)

"""A model on several nodes: the objects of each environment are valid, and built, delivered and counted as groups."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from generator.core.paths import templates_root
from generator.core.template_loader import TemplateLoader
from generator.pipeline.expected import expected_builds
from generator.pipeline.plan import Plan, plan
from generator.pipeline.validators import embedded_validator
from generator.render.objects import ObjectRenderer
from generator.render.pod_requests import pod_requests
from generator.repo.repository import schemas_of
from generator.schemas.catalogue import SchemaCatalog
from generator.schemas.kubeconform import validate
from tests.conftest import ROOT
from tests.support.fleets import PLATFORM
from tests.support.kustomize import build_together

LIBRARY: Final = TemplateLoader((templates_root(),))
_MODEL: Final = b"versions: {v1: {path: pvc://store/llama, framework: transformers}}\n"
# One node in `debug`, two in `test`, four in `prod`, where the files of `config` differ too.
_SPEC: Final = b"""\
model: llama
version: v1
type: vllm
id: 7
nodes: 2
replicas: 2~4
hpa: cpu:60%
resources: {gpu: 8(A100-80G), memory: 512G}
config: {rules.txt: one}
environments:
  debug: {nodes: 1}
  test:
  prod: {nodes: {count: 4, exclusive: example.com/rack}, config: {rules.txt: other}}
"""
_DELIVERY: Final = "delivery: {{tool: {tool}, repository: 'https://git.example.com/team/models.git'}}\n\nclusters:\n"


def _planned(tool: str = "none", spec: bytes = _SPEC, **more: bytes) -> Plan:
    specs = {
        "services/platform.yaml": PLATFORM.replace("clusters:\n", _DELIVERY.format(tool=tool), 1).encode(),
        "services/p/models/llama.yaml": _MODEL,
        "services/p/a/llama-1.yaml": spec,
        **{f"services/p/a/{name}.yaml": text for name, text in more.items()},
    }
    made = plan(specs, LIBRARY, validate=embedded_validator(schemas_of(ROOT)))
    assert [finding for finding in made.findings if finding.severity == "error"] == []
    return made


def _by_kind(trees: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {tree["kind"]: tree for tree in trees if tree["metadata"]["name"].startswith("llama-1")}


@pytest.fixture(scope="module")
def manifests() -> dict[str, dict[str, dict[str, Any]]]:
    made = _planned()
    found = expected_builds(made.fleet, made.routing, ObjectRenderer(LIBRARY), made.fleet.apps()["p", "a"])
    return {folder.rpartition("/")[2]: _by_kind(trees) for folder, trees in found.items()}


_PATCHES: Final = b"""\
  prod:
    nodes: {count: 4, exclusive: example.com/rack}
    config: {rules.txt: other}
    patches:
      - kind: LeaderWorkerSet
        spec:
          leaderWorkerTemplate:
            leaderTemplate: {spec: {containers: [{name: main, env: [{name: ROLE, value: leader}]}]}}
            workerTemplate: {spec: {containers: [{name: main, tty: true}]}}
"""
_PATCHED: Final = _SPEC[: _SPEC.index(b"  prod:")] + _PATCHES


@pytest.mark.parametrize("spec", [_SPEC, _PATCHED], ids=["as rendered", "patched"])
def test_each_environment_builds_to_valid_objects(
    spec: bytes, kustomize: Path, kubeconform: Path, tmp_path: Path
) -> None:
    made = _planned(spec=spec)
    for name, text in made.files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    found = expected_builds(made.fleet, made.routing, ObjectRenderer(LIBRARY), made.fleet.apps()["p", "a"])
    assert len(found) == 3
    every = []
    for built, trees in zip(
        build_together([tmp_path / folder for folder in found], kustomize), found.values(), strict=True
    ):
        key = [(tree["kind"], tree["metadata"]["name"]) for tree in built]
        assert dict(zip(key, built, strict=True)) == {(one["kind"], one["metadata"]["name"]): one for one in trees}
        every += built
    assert sum(tree["kind"] == "LeaderWorkerSet" for tree in every) == 2
    assert validate(every, SchemaCatalog.open("1.36"), kubeconform) == []


def test_requests_go_to_the_leaders_and_the_autoscaler_counts_groups(
    manifests: dict[str, dict[str, dict[str, Any]]],
) -> None:
    leader = {"app.kubernetes.io/instance": "llama-1", "leaderworkerset.sigs.k8s.io/worker-index": "0"}
    assert [manifests[name]["Service"]["spec"]["selector"] == leader for name in ("debug", "test", "prod")] == [
        False,
        True,
        True,
    ]
    prod = manifests["prod"]
    assert prod["HorizontalPodAutoscaler"]["spec"]["scaleTargetRef"] == {
        "apiVersion": "leaderworkerset.x-k8s.io/v1",
        "kind": "LeaderWorkerSet",
        "name": "llama-1",
    }
    everyone = {"matchLabels": {"app.kubernetes.io/instance": "llama-1"}}
    assert prod["PodDisruptionBudget"]["spec"]["selector"] == everyone
    policy = prod["NetworkPolicy"]["spec"]
    assert {"from": [{"podSelector": everyone}]} in policy["ingress"]
    assert {"to": [{"podSelector": everyone}]} in policy["egress"]


def test_the_pods_of_a_group(manifests: dict[str, dict[str, dict[str, Any]]]) -> None:
    assert "LeaderWorkerSet" not in manifests["debug"]
    group = manifests["prod"]["LeaderWorkerSet"]
    assert group["metadata"]["annotations"] == {"leaderworkerset.sigs.k8s.io/exclusive-topology": "example.com/rack"}
    spec = group["spec"]
    # The Service of the service has the name that a headless Service of the whole set would have.
    assert spec["networkConfig"] == {"subdomainPolicy": "UniquePerReplica"}
    assert spec["rolloutStrategy"]["rollingUpdateConfiguration"] == {"maxSurge": 0, "maxUnavailable": 1}
    pods = spec["leaderWorkerTemplate"]
    assert (pods["size"], pods["restartPolicy"]) == (4, "RecreateGroupOnPodRestart")
    leader, worker = (pods[name]["spec"]["containers"][0] for name in ("leaderTemplate", "workerTemplate"))
    assert worker["command"] == [*leader["command"], "--headless"]
    assert leader["command"][-10:] == [
        *("--pipeline-parallel-size", "4", "--distributed-executor-backend", "mp"),
        *("--nnodes", "4", "--node-rank", "$(LWS_WORKER_INDEX)", "--master-addr", "$(LWS_LEADER_ADDRESS)"),
    ]
    assert {"readinessProbe", "livenessProbe", "startupProbe", "ports", "lifecycle"} == leader.keys() - worker.keys()
    assert leader["resources"] == worker["resources"]
    names = {
        volume["configMap"]["name"]
        for name in ("leaderTemplate", "workerTemplate")
        for volume in pods[name]["spec"]["volumes"]
        if "configMap" in volume
    }
    assert names == {manifests["prod"]["ConfigMap"]["metadata"]["name"]}


def test_a_patch_of_the_pods_merges_their_containers_by_name() -> None:
    made = _planned(spec=_PATCHED)
    assert [finding for finding in made.findings if finding.id == "M03"] == []
    found = expected_builds(made.fleet, made.routing, ObjectRenderer(LIBRARY), made.fleet.apps()["p", "a"])
    plain, patched = (
        _by_kind(trees["rendered/p/a/overlays/prod"])["LeaderWorkerSet"]["spec"]["leaderWorkerTemplate"]
        for trees in (_expected(_SPEC), found)
    )
    (before,) = plain["leaderTemplate"]["spec"]["containers"]
    (main,) = patched["leaderTemplate"]["spec"]["containers"]
    assert main["env"][0] == {"name": "ROLE", "value": "leader"}
    assert {**main, "env": main["env"][1:]} == before
    (before,), (worker,) = (one["workerTemplate"]["spec"]["containers"] for one in (plain, patched))
    assert worker == {**before, "tty": True}


def _expected(spec: bytes) -> dict[str, list[dict[str, Any]]]:
    made = _planned(spec=spec)
    return expected_builds(made.fleet, made.routing, ObjectRenderer(LIBRARY), made.fleet.apps()["p", "a"])


def test_the_pods_of_all_nodes_count_for_a_quota() -> None:
    made = _planned()
    found = pod_requests(ObjectRenderer(LIBRARY), made.fleet.instances["prod"]["p", "a", "llama-1"])
    assert [int(part["pods"]) for part in (found.start, found.most, found.surge)] == [8, 16, 0]
    assert found.most["requests.nvidia.com/gpu"] == 16 * 8


def _delivered(tool: str, made: Plan, kind: str) -> dict[str, dict[str, Any]]:
    texts = (text for name, text in made.files.items() if f"/{tool}/" in name)
    trees = [tree for text in texts for tree in yaml.safe_load_all(text) if tree["kind"] == kind]
    return {tree["metadata"]["name"]: tree["spec"] for tree in trees}


def test_argo_cd_admits_groups_where_there_are_some_and_ignores_the_number_that_the_autoscaler_sets() -> None:
    made = _planned("argocd")
    (project,) = [spec for name, spec in _delivered("argocd", made, "AppProject").items() if name == "p-main"]
    kinds = {rule["kind"] for rule in project["namespaceResourceWhitelist"]}
    assert {"LeaderWorkerSet", "StatefulSet", "ControllerRevision"} <= kinds
    ignored = _delivered("argocd", made, "Application")["p-a-prod"]["ignoreDifferences"]
    assert [rule["kind"] for rule in ignored] == ["Deployment", "LeaderWorkerSet"]
    alone = _planned(
        "argocd", _SPEC.replace(b"nodes: 2\n", b"").replace(b"nodes: {count: 4, exclusive: example.com/rack}, ", b"")
    )
    (project,) = [spec for name, spec in _delivered("argocd", alone, "AppProject").items() if name == "p-main"]
    assert "LeaderWorkerSet" not in {rule["kind"] for rule in project["namespaceResourceWhitelist"]}


def test_flux_waits_until_all_groups_are_available() -> None:
    found = _delivered("flux", _planned("flux"), "Kustomization")
    (check,) = found["p-a-prod-workloads"]["healthCheckExprs"]
    assert (check["kind"], "Available" in check["current"]) == ("LeaderWorkerSet", True)
    assert "healthCheckExprs" not in found["p-a-debug-workloads"]
    for part in ("workloads", "gc"):
        targets = [rule.get("target", {}).get("kind") for rule in found[f"p-a-prod-{part}"]["ignore"]]
        assert targets[-2:] == ["Deployment", "LeaderWorkerSet"]


def test_a_patch_of_a_deployment_says_which_kind_a_service_on_several_nodes_has() -> None:
    patches = b"patches: [{kind: Deployment, spec: {minReadySeconds: 9}}]\n"
    spec = _SPEC.replace(b"  debug: {nodes: 1}\n", b"").replace(b"environments:", patches + b"environments:")
    files = {"services/platform.yaml": PLATFORM.encode(), "services/p/models/llama.yaml": _MODEL}
    made = plan({**files, "services/p/a/llama-1.yaml": spec}, LIBRARY)
    (found,) = [finding for finding in made.findings if finding.id == "K05"]
    assert found.hint == "set its kind to LeaderWorkerSet, which a service with `nodes` has"

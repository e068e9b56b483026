"""Replica counts and autoscalers that no delivery and no other container of the pod makes ineffective."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from generator.core.programs.kustomize import build
from tests.support.clones import write
from tests.support.command import servegen
from tests.support.fleets import PLATFORM
from tests.support.kustomize import build_together

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


def _rendered(root: Path, specs: dict[str, str], *, tool: str = "none") -> list[Path]:
    """Render services of one app, and return the overlays."""
    platform = PLATFORM.replace("clusters:\n", _DELIVERY.format(tool=tool), 1)
    # The patch adds a container without limits, which `restricted` forbids.
    platform = platform.replace("pod_security: restricted ", "pod_security: privileged ")
    write(root / "services", {"platform.yaml": platform, **{f"p/a/{name}.yaml": text for name, text in specs.items()}})
    done = servegen(root, "render")
    assert done.returncode == 0, done.stderr
    return sorted((root / "rendered" / "p" / "a" / "overlays").iterdir())


def _built(root: Path, kustomize: Path, spec: str, *, tool: str = "none") -> dict[str, dict[str, dict[str, Any]]]:
    """Render a service and return what kustomize makes of each overlay, by environment and kind."""
    folders = _rendered(root, {"m-1": spec}, tool=tool)
    built = build_together(folders, kustomize)
    return {folder.name: {tree["kind"]: tree for tree in trees} for folder, trees in zip(folders, built, strict=True)}


def _deployments(root: Path, kustomize: Path, cases: list[str]) -> list[dict[str, Any]]:
    """Render a service with each of these keys, and return what kustomize makes of the specs of their Deployments."""
    start = "model: m\nversion: v{}\ntype: triton-server\ncommand: run\n{}\nenvironments: {{prod: }}\n"
    specs = {f"m-{number}": start.format(number, keys) for number, keys in enumerate(cases, 1)}
    (prod,) = _rendered(root, specs)
    found = {tree["metadata"]["name"]: tree for tree in build(prod, kustomize) if tree["kind"] == "Deployment"}
    return [found[name]["spec"] for name in specs]


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


_SURGE = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": 0}}
_REPLACE = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 0, "maxUnavailable": 1}}
_RECREATE = {"type": "Recreate"}
_CLAIMS = "    claims: {store: ReadWriteOnce, own: ReadWriteOncePod, all: ReadWriteMany}\n    priorities:"


_STRATEGIES: Final = (
    ("replicas: 2", _SURGE),
    ("replicas: 1", _SURGE),
    ("update: replace", _REPLACE),
    ("resources: {gpu: 1(T4)}", _REPLACE),
    ("resources: {gpu: 2(T4)}\nupdate: auto", _REPLACE),
    ("resources: {gpu: 1(T4)}\nupdate: surge", _SURGE),
    ("resources: {gpu: 0.2(T4)}", _SURGE),
    ("resources: {gpu: 0.2(T4)}\nreplicas: 2", _REPLACE),
    # The first pod may be one of many: the maximum counts.
    ("resources: {gpu: 0.2(T4)}\nreplicas: 1~4\nhpa: cpu:50%", _REPLACE),
    ("resources: {gpu: 0.2(T4)}\nreplicas: 1~4", _SURGE),
    ("volumes: store(pvc-share):/mnt", _RECREATE),
    ("volumes: own(pvc-share):/mnt\nupdate: replace", _RECREATE),
    ("volumes: all(pvc-share):/mnt", _SURGE),
    ("patches: [{kind: Deployment, spec: {template: {spec: {hostNetwork: true}}}}]", _REPLACE),
    ("patches: [{kind: Deployment, spec: {template: {spec: {hostNetwork: false}}}}]", _SURGE),
)


def test_an_update_starts_no_pod_beside_what_only_one_can_hold(
    tmp_path: Path, kustomize: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.render.test_scaling.PLATFORM", PLATFORM.replace("    priorities:", _CLAIMS, 1))
    found = _deployments(tmp_path, kustomize, [keys for keys, _ in _STRATEGIES])
    assert [(keys, made["strategy"]) for (keys, _), made in zip(_STRATEGIES, found, strict=True)] == list(_STRATEGIES)


def test_a_claim_that_holds_the_model_counts_and_overlays_differ(tmp_path: Path, kustomize: Path) -> None:
    """The base has the other strategy, whose parameters must leave with it."""
    model = tmp_path / "services" / "p" / "models" / "m.yaml"
    model.parent.mkdir(parents=True)
    model.write_text("versions: {v1: {path: pvc://store/m.onnx, framework: onnx}}\n", encoding="utf-8")
    (tmp_path / "services" / "p" / "project.yaml").write_text("claims: {store: ReadWriteOncePod}\n", encoding="utf-8")
    spec = "model: m\nversion: v1\ntype: triton-server\nreplicas: 1\nenvironments: {test: , prod: {update: %s}}\n"
    made = _built(tmp_path, kustomize, spec % "auto")
    assert {name: tree["Deployment"]["spec"]["strategy"] for name, tree in made.items()} == {
        "test": _RECREATE,
        "prod": _RECREATE,
    }
    keys = "model: m\nversion: v1\ntype: serving\nimage: e.com/m:1\n"
    spec = f"{keys}environments:\n  test:\n  prod: {{volumes: store(pvc):/mnt}}\n"
    made = _built(tmp_path, kustomize, spec)
    assert {name: tree["Deployment"]["spec"]["strategy"] for name, tree in made.items()} == {
        "test": _SURGE,
        "prod": _RECREATE,
    }


_TIMES: Final = (
    ("timeout: 30s", 90, 1200),
    ("timeout: 300s", 320, 1200),
    ("timeout: 30m\nhealth: {port: 8000, path: /ok, startup: 60s}", 1820, 360),
    # A new pod that waits for the end of an old one has that long before it starts.
    ("timeout: 30m\nupdate: replace", 1820, 3020),
    ("timeout: 30m\nresources: {gpu: 1(T4)}", 1820, 3020),
    ("timeout: 30m\nresources: {gpu: 1(T4)}\nupdate: surge", 1820, 1200),
    ("timeout: 5h", 3600, 1200),
    ("timeout: 5h\ngrace: 6h", 21600, 1200),
    ("timeout: 0s\ngrace: 10m\nupdate: replace", 600, 1800),
    ("timeout: 300s\ngrace: 30s", 30, 1200),
)


def test_the_times_of_an_update_follow_the_longest_request(tmp_path: Path, kustomize: Path) -> None:
    found = _deployments(tmp_path, kustomize, [keys for keys, *_ in _TIMES])
    times = [
        (keys, made["template"]["spec"]["terminationGracePeriodSeconds"], made["progressDeadlineSeconds"])
        for (keys, *_), made in zip(_TIMES, found, strict=True)
    ]
    assert times == list(_TIMES)


def test_a_grace_shorter_than_the_pause_before_the_end_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "services" / "p" / "a").mkdir(parents=True)
    (tmp_path / "services" / "platform.yaml").write_text(PLATFORM, encoding="utf-8")
    (tmp_path / "services" / "p" / "a" / "m-1.yaml").write_text(f"{_SPEC}grace: 5s\n", encoding="utf-8")
    done = servegen(tmp_path, "render")
    assert done.returncode == 1
    assert 'services/p/a/m-1.yaml:8:8: error: grace: found "5s", expected at least 30s' in done.stderr

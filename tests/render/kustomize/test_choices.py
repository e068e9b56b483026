"""A patch that chooses one of several fields drops the others; kustomize builds the result from the rendered files."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from generator.core.paths import templates_root
from generator.core.programs.kustomize import build, exact
from generator.core.template_loader import TemplateLoader
from generator.pipeline.plan import plan
from generator.render.kustomize.merge import merge
from generator.render.kustomize.patch import patch_for
from tests.render.kustomize.test_patch import deployment
from tests.support.fleets import PLATFORM
from tests.support.grants import grant_everything
from tests.support.kustomize import patched

_HTTP: Final = {"httpGet": {"port": 80}, "periodSeconds": 5}
_EXEC: Final = {"exec": {"command": ["stop"]}}
_FIELD: Final = {"fieldRef": {"fieldPath": "spec.nodeName"}}
_SECRET: Final = {"secretKeyRef": {"name": "a", "key": "b"}}


def _main(**fields: Any) -> dict[str, Any]:
    return deployment({"containers": [{"name": "main", **fields}]})


def _init(**fields: Any) -> dict[str, Any]:
    return deployment({"initContainers": [{"name": "i", **fields}]})


def _with(**spec: Any) -> dict[str, Any]:
    whole = deployment({})
    return {**whole, "spec": {**whole["spec"], **spec}}


def _budget(**spec: Any) -> dict[str, Any]:
    return {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": "m"}, "spec": spec}


# An object, a patch, and what the patched object must be.
CASES: Final[dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any]]]] = {
    "another way to probe": (
        _main(readinessProbe=_HTTP),
        _main(readinessProbe={"grpc": {"port": 81}}),
        _main(readinessProbe={"periodSeconds": 5, "grpc": {"port": 81}}),
    ),
    "a probe of an init container": (
        deployment({"initContainers": [{"name": "i", "startupProbe": _HTTP}]}),
        deployment({"initContainers": [{"name": "i", "startupProbe": {"tcpSocket": {"port": 81}}}]}),
        deployment(
            {"initContainers": [{"name": "i", "startupProbe": {"periodSeconds": 5, "tcpSocket": {"port": 81}}}]}
        ),
    ),
    "a probe with another number": (
        _main(livenessProbe=_HTTP),
        _main(livenessProbe={"periodSeconds": 9}),
        _main(livenessProbe={**_HTTP, "periodSeconds": 9}),
    ),
    "two ways to probe in one patch stay": (
        _main(readinessProbe=_HTTP),
        _main(readinessProbe={"grpc": {"port": 81}, "httpGet": {"port": 82}}),
        _main(readinessProbe={"httpGet": {"port": 82}, "periodSeconds": 5, "grpc": {"port": 81}}),
    ),
    "another end": (
        _main(lifecycle={"preStop": {"sleep": {"seconds": 5}}}),
        _main(lifecycle={"preStop": _EXEC}),
        _main(lifecycle={"preStop": _EXEC}),
    ),
    "a source of a variable for its value": (
        _main(env=[{"name": "A", "value": "b"}, {"name": "B", "value": "c"}]),
        _main(env=[{"name": "A", "valueFrom": _FIELD}]),
        _main(env=[{"name": "A", "valueFrom": _FIELD}, {"name": "B", "value": "c"}]),
    ),
    "a value of a variable for its source": (
        _main(env=[{"name": "A", "valueFrom": _FIELD}]),
        _main(env=[{"name": "A", "value": "b"}]),
        _main(env=[{"name": "A", "value": "b"}]),
    ),
    "another source of a variable": (
        _main(env=[{"name": "A", "valueFrom": _FIELD}]),
        _main(env=[{"name": "A", "valueFrom": _SECRET}]),
        _main(env=[{"name": "A", "valueFrom": _SECRET}]),
    ),
    "another source of a volume": (
        deployment({"volumes": [{"name": "v", "emptyDir": {"medium": "Memory"}}]}),
        deployment({"volumes": [{"name": "v", "persistentVolumeClaim": {"claimName": "c"}}]}),
        deployment({"volumes": [{"name": "v", "persistentVolumeClaim": {"claimName": "c"}}]}),
    ),
    "another strategy": (
        _with(strategy={"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}}),
        _with(strategy={"type": "Recreate"}),
        _with(strategy={"type": "Recreate"}),
    ),
    "the same strategy": (
        _with(strategy={"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}}),
        _with(strategy={"type": "RollingUpdate"}),
        _with(strategy={"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}}),
    ),
    "another bound": (_budget(maxUnavailable=1), _budget(minAvailable=2), _budget(minAvailable=2)),
    "a bound that is removed": (
        _budget(maxUnavailable=1),
        _budget(maxUnavailable=None, minAvailable=2),
        _budget(minAvailable=2),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_choice_drops_the_other_fields(name: str) -> None:
    target, patch, result = CASES[name]
    assert exact(merge(target, patch)) == exact(result)


def test_kustomize_drops_them_too_with_the_patches_of_an_overlay(kustomize: Path) -> None:
    """The patch in an overlay is the difference of the base and the object with the spec's patch."""
    changes = [(target, patch_for(target, result), result) for target, _, result in CASES.values() if target != result]
    pairs = [(target, change) for target, change, _ in changes if change is not None]
    assert exact(patched(pairs, kustomize)) == exact([result for *_, result in changes])


_SERVICE: Final = """
model: m
version: v1
type: serving
image: registry.example.com/m:1
ports: 8000
health: 8000:/health
replicas: 2
env: {NODE: unknown}
environments:
  test:
  prod:
    patches:
      - kind: Deployment
        spec:
          strategy: {type: Recreate}
          template:
            spec:
              containers:
                - name: main
                  readinessProbe: {tcpSocket: {port: 8000}}
                  env: [{name: NODE, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}]
      - kind: PodDisruptionBudget
        spec: {minAvailable: 1}
"""


def test_an_environment_chooses_otherwise_than_the_base(tmp_path: Path, kustomize: Path) -> None:
    specs = {"services/platform.yaml": grant_everything(PLATFORM).encode(), "services/p/a/m-1.yaml": _SERVICE.encode()}
    made = plan(specs, TemplateLoader((templates_root(),)))
    assert [finding.message for finding in made.findings if finding.severity == "error"] == []
    for name, text in made.files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(text.encode())
    built = build(tmp_path / "rendered/p/a/overlays/prod", kustomize)
    objects = {tree["kind"]: tree["spec"] for tree in built if "spec" in tree}
    pod = objects["Deployment"]["template"]["spec"]["containers"][0]
    node = next(variable for variable in pod["env"] if variable["name"] == "NODE")
    assert objects["Deployment"]["strategy"] == {"type": "Recreate"}
    assert {"httpGet", "tcpSocket"} & pod["readinessProbe"].keys() == {"tcpSocket"}
    assert node == {"name": "NODE", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}}
    assert {"minAvailable", "maxUnavailable"} & objects["PodDisruptionBudget"].keys() == {"minAvailable"}
    overlay = yaml.safe_load(made.files["rendered/p/a/overlays/prod/workloads/kustomization.yaml"])
    assert any("rollingUpdate: null" in patch["patch"] for patch in overlay["patches"])

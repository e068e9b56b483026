"""Each folder of cases/lists is a repository; expected.yaml holds its findings, and what the lists of its pods contain.

A case without a platform file gets the one that `servegen init` writes, with all grants. To rewrite expected.yaml for
review: `pytest tests/pipeline/test_lists.py --rewrite`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from generator.core.paths import templates_root
from generator.core.template_loader import TemplateLoader
from generator.core.yaml import dump
from generator.pipeline.expected import expected_builds
from generator.pipeline.plan import Plan, plan
from generator.pipeline.validators import embedded_validator
from generator.render.objects import ObjectRenderer
from generator.repo.repository import schemas_of
from generator.repo.spec_files import read_spec_files
from tests.conftest import ROOT
from tests.support.fleets import PLATFORM
from tests.support.kustomize import build_together, write

if TYPE_CHECKING:
    from pathlib import Path

LIBRARY: Final = TemplateLoader((templates_root(),))
CASES: Final = sorted(path for path in (ROOT / "tests" / "cases" / "lists").iterdir() if path.is_dir())
_POD: Final = ("runtimeClassName", "imagePullSecrets", "nodeSelector", "affinity", "tolerations", "volumes")
# Variables that every pod has.
_OWN: Final = ("KUBEFLOW_", "K8S_")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_the_lists_of_a_pod_contain(case: Path, rewrite: bool) -> None:
    made = _plan(case)
    pods = {
        f"{folder.split('/overlays/')[1].removesuffix('/workloads')} {tree['kind']} {tree['metadata']['name']}": _lists(
            tree
        )
        for folder, trees in _overlays(made).items()
        for tree in trees
        if tree["kind"] in ("Deployment", "HorizontalPodAutoscaler", "NetworkPolicy")
    }
    found = dump({"findings": [_line(finding) for finding in made.findings], **pods})
    if rewrite:
        (case / "expected.yaml").write_text(found, encoding="utf-8")
    assert found == (case / "expected.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_kustomize_builds_the_expected_manifests(case: Path, kustomize: Path, tmp_path: Path) -> None:
    made = _plan(case)
    write(tmp_path, made.files)
    expected = _overlays(made)
    built = build_together([tmp_path / folder for folder in expected], kustomize)
    assert [*map(_named, built)] == [*map(_named, expected.values())]


def _named(trees: list[dict[str, Any]]) -> dict[tuple[str, str], dict[str, Any]]:
    return {(tree["kind"], tree["metadata"]["name"]): tree for tree in trees}


def _plan(case: Path) -> Plan:
    specs = {"services/platform.yaml": PLATFORM.encode(), **read_spec_files(case).contents}
    return plan(specs, LIBRARY, validate=embedded_validator(schemas_of(ROOT)))


def _overlays(made: Plan) -> dict[str, list[dict[str, Any]]]:
    objects = ObjectRenderer(LIBRARY)
    apps = made.fleet.apps().values()
    return {
        folder: trees
        for services in apps
        for folder, trees in expected_builds(made.fleet, made.routing, objects, services).items()
    }


def _line(finding: Any) -> str:
    return f"{finding.position} {finding.severity} {finding.id}: {finding.message}; {finding.hint}"


def _lists(tree: dict[str, Any]) -> dict[str, Any]:
    if tree["kind"] == "HorizontalPodAutoscaler":
        return {"metrics": tree["spec"]["metrics"]}
    if tree["kind"] == "NetworkPolicy":
        return {"egress": tree["spec"].get("egress", [])[1:]}  # the first one is DNS
    template = tree["spec"]["template"]
    container = template["spec"]["containers"][0]
    env = {entry["name"]: entry.get("value") for entry in container["env"] if not entry["name"].startswith(_OWN)}
    shown = {name: template["spec"][name] for name in _POD if name in template["spec"]}
    return {
        "annotations": template["metadata"].get("annotations", {}),
        **shown,
        "env": env,
        "envFrom": container.get("envFrom", []),
        "limits": container["resources"]["limits"],
        "volumeMounts": container.get("volumeMounts", []),
    }

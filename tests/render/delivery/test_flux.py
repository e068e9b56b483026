"""Objects for Flux: they apply every file, every path exists, and no two objects have the same name."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from generator.core.paths import templates_root
from generator.core.programs.kustomize import build
from generator.core.template_loader import TemplateLoader
from generator.pipeline.plan import plan
from generator.render.delivery.flux import COUNT, OWNER, PARTS
from generator.render.delivery_names import application_name
from generator.repo.spec_files import read_spec_files
from generator.schemas.catalogue import SchemaCatalog
from generator.schemas.kubeconform import validate
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

CASES = ROOT / "tests" / "cases" / "objects"
FOLDERS = {"flux": ".", "flux-with-branches": ".", "flux-for-several-clusters": "./serving/models"}
_part = st.from_regex(r"[a-z0-9](?:[-a-z0-9]{0,52}[a-z0-9])?", fullmatch=True) | st.sampled_from(
    ("a", "b", "a-b", "b-c")
)


def _files(case: str) -> dict[str, str]:
    made = plan(read_spec_files(CASES / case).contents, TemplateLoader((templates_root(),)))
    assert [finding for finding in made.findings if finding.severity == "error"] == []
    return made.files


def _objects(files: dict[str, str]) -> list[dict[str, Any]]:
    return [tree for name, text in files.items() if "/flux/" in name for tree in yaml.safe_load_all(text)]


@pytest.mark.parametrize("case", FOLDERS)
def test_every_path_is_there_and_every_file_is_applied(case: str) -> None:
    files = _files(case)
    paths = {tree["spec"]["path"] for tree in _objects(files) if tree["kind"] == "Kustomization"}
    folders = {f"{FOLDERS[case]}/{PurePosixPath(name).parent}" for name in files}
    assert paths <= folders
    assert {folder for folder in folders if "/flux/" in folder} <= paths


@pytest.mark.parametrize("case", FOLDERS)
def test_names_are_labels_and_what_an_object_refers_to_is_there(case: str) -> None:
    objects = _objects(_files(case))
    names = Counter((o["kind"], o["metadata"]["namespace"], o["metadata"]["name"]) for o in objects)
    assert set(names.values()) == {1}
    assert max(len(name) for _, _, name in names) <= 63
    for entry in objects:
        space, spec = entry["metadata"]["namespace"], entry.get("spec", {})
        referred = [("Kustomization", space, other["name"]) for other in spec.get("dependsOn", ())]
        referred += [("GitRepository", space, spec["sourceRef"]["name"])] if "sourceRef" in spec else []
        assert {*referred} <= names.keys()


def test_the_files_of_one_cluster() -> None:
    found = sorted(name for name in _files("flux") if name.startswith("rendered/flux/"))
    assert found == [
        "rendered/flux/_clusters/main/servegen.yaml",
        "rendered/flux/prod/_environment.yaml",
        "rendered/flux/prod/p-a.yaml",
        "rendered/flux/prod/p-b.yaml",
        "rendered/flux/test/_environment.yaml",
        "rendered/flux/test/p-a.yaml",
    ]


def _kustomizations(files: dict[str, str]) -> dict[str, dict[str, Any]]:
    return {tree["metadata"]["name"]: tree["spec"] for tree in _objects(files) if tree["kind"] == "Kustomization"}


def test_what_is_ignored_is_the_same_whatever_an_app_runs() -> None:
    """The parent applies these rules after the app has seen a new revision: see generator/render/delivery/flux.py."""
    for case in FOLDERS:
        found = _kustomizations(_files(case))
        for part in ("workloads", "gc"):
            rules = [spec["ignore"] for name, spec in found.items() if name.endswith(f"-{part}")]
            assert rules == [[OWNER, COUNT] if part == "workloads" else [COUNT]] * len(rules) != []


def test_a_deployment_with_an_autoscaler_is_marked(kustomize: Path, tmp_path: Path) -> None:
    for name, text in _files("flux").items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    trees = build(tmp_path / "rendered" / "p" / "a" / "overlays" / "prod" / "workloads", kustomize)
    selected = COUNT["target"]["annotationSelector"].split("=")
    selectors = {
        tree["metadata"]["name"]: [*tree["metadata"].get("annotations", {}).items()]
        for tree in trees
        if tree["kind"] == "Deployment"
    }
    assert selectors == {"m-1": [tuple(selected)], "m-2": []}


def test_each_environment_has_its_branch_and_the_cluster_the_main_one() -> None:
    files = _files("flux-with-branches")
    branches = {
        tree["metadata"]["name"]: tree["spec"]["ref"]["name"]
        for tree in _objects(files)
        if tree["kind"] == "GitRepository"
    }
    assert branches == {
        "servegen-cluster-main": "refs/heads/main",
        "servegen-environment-test": "refs/heads/live/test",
        "servegen-environment-prod": "refs/heads/live/prod",
    }
    sources = {name: spec["sourceRef"]["name"] for name, spec in _kustomizations(files).items()}
    assert sources == {
        "servegen-cluster-main": "servegen-cluster-main",
        "servegen-platform-main": "servegen-cluster-main",
        "servegen-environment-test": "servegen-environment-test",
        "servegen-environment-prod": "servegen-environment-prod",
        **{f"p-a-{name}-{part}": f"servegen-environment-{name}" for name in ("test", "prod") for part in PARTS},
    }


def test_a_cluster_of_another_tool_has_nothing() -> None:
    assert [name for name in _files("flux-for-several-clusters") if "hand" in name and "/flux/" in name] == []


@pytest.mark.parametrize("case", FOLDERS)
def test_kubeconform_takes_every_object(case: str, kubeconform: Path) -> None:
    assert validate(_objects(_files(case)), SchemaCatalog.open("1.36"), kubeconform) == []


@pytest.mark.parametrize("folder", ["workloads", "routes"])
def test_kustomize_builds_what_a_kustomization_names(folder: str, kustomize: Path, tmp_path: Path) -> None:
    for name, text in _files("flux").items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    path = tmp_path / "rendered" / "p" / "a" / "overlays" / "prod" / folder
    assert (path / "kustomization.yaml").is_file() == (folder == "workloads")
    kinds = {tree["kind"] for tree in (build(path, kustomize) if folder == "workloads" else _plain(path))}
    assert ("VirtualService" in kinds, "Deployment" in kinds) == (folder == "routes", folder == "workloads")


def _plain(folder: Path) -> list[dict[str, Any]]:
    return [tree for file in sorted(folder.glob("*.yaml")) for tree in yaml.safe_load_all(file.read_text("utf-8"))]


@given(st.lists(st.tuples(_part, _part, _part), min_size=2, max_size=8, unique=True))
def test_names_of_different_parts_are_different_labels(parts: list[tuple[str, str, str]]) -> None:
    names = [application_name(*three, longest=53) for three in parts]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z0-9](?:[-a-z0-9]{0,51}[a-z0-9])?", name) for name in names)


@pytest.mark.parametrize(
    ("parts", "name"),
    [
        (("vision", "resnet50", "prod"), "vision-resnet50-prod"),
        (("a-b", "c", "prod"), "a-b-c-prod-1131ad08"),
        (("a", "b-c", "prod"), "a-b-c-prod-9ce1720d"),
    ],
)
def test_a_name_has_a_hash_where_it_could_be_read_in_two_ways(parts: tuple[str, ...], name: str) -> None:
    assert application_name(*parts) == name

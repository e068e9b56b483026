"""Objects for Argo CD: they apply every file, projects admit every object, and paths name exactly what is read."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import given, settings

from generator.core.paths import templates_root
from generator.core.programs.kustomize import KustomizeError, build
from generator.core.template_loader import TemplateLoader
from generator.pipeline.expected import expected_manifests
from generator.pipeline.plan import plan
from generator.render.delivery.kinds import of_apps
from generator.render.objects import ObjectRenderer
from generator.render.sync_waves import ANNOTATION
from generator.repo.spec_files import read_spec_files
from generator.schemas.catalogue import SchemaCatalog
from generator.schemas.kubeconform import validate
from generator.spec.platform import delivers
from tests.conftest import ROOT
from tests.support.fleets import repositories
from tests.support.fuzz import examples

if TYPE_CHECKING:
    from generator.pipeline.plan import Plan
    from generator.render.app_manifests import Manifest

CASES = ROOT / "tests" / "cases" / "objects"
FOLDERS = {"argocd": "", "argocd-for-several-clusters": "serving/models/"}
LIBRARY = TemplateLoader((templates_root(),))
SHARED = ("adapter/", "delivery/", "platform/")


def _plan(specs: dict[str, bytes], loader: TemplateLoader = LIBRARY) -> Plan:
    made = plan(specs, loader)
    assert [finding for finding in made.findings if finding.severity == "error"] == []
    return made


def _case(name: str) -> Plan:
    return _plan(read_spec_files(CASES / name).contents)


def _objects(files: dict[str, str], kind: str | None = None) -> list[dict[str, Any]]:
    trees = [tree for name, text in files.items() if "/argocd/" in name for tree in yaml.safe_load_all(text)]
    return [tree for tree in trees if kind in (None, tree["kind"])]


def _write(files: dict[str, str], root: Path) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(text.encode())


def _true(made: Plan) -> list[Manifest]:
    """The manifests of all apps."""
    return [e for e in expected_manifests(made.fleet, made.routing, LIBRARY) if not e.template.startswith(SHARED)]


@pytest.mark.parametrize("case", FOLDERS)
def test_every_path_is_there_and_every_file_is_applied(case: str) -> None:
    files = _case(case).files
    paths = Counter(tree["spec"]["source"]["path"] for tree in _objects(files, "Application"))
    folders = {f"{FOLDERS[case]}{PurePosixPath(name).parent}" for name in files}
    assert paths.keys() <= folders
    assert set(paths.values()) == {1}
    delivered = {folder for folder in folders if "/argocd/" in folder and not folder.endswith("/settings")}
    assert delivered <= paths.keys()


def test_the_files_of_one_cluster() -> None:
    found = sorted(name for name in _case("argocd").files if name.startswith("rendered/argocd/"))
    assert found == [
        "rendered/argocd/_clusters/main/root.yaml",
        "rendered/argocd/_clusters/main/servegen.yaml",
        "rendered/argocd/_clusters/main/settings/argocd-cm.yaml",
        "rendered/argocd/prod/_environment.yaml",
        "rendered/argocd/prod/p-a.yaml",
        "rendered/argocd/prod/p-b.yaml",
        "rendered/argocd/test/_environment.yaml",
        "rendered/argocd/test/p-a.yaml",
    ]


def test_a_cluster_of_another_tool_has_nothing() -> None:
    assert [name for name in _case("argocd-for-several-clusters").files if "hand" in name and "/argocd/" in name] == []


@pytest.mark.parametrize("case", FOLDERS)
def test_names_are_labels_and_no_two_are_one(case: str) -> None:
    names = Counter((o["kind"], o["metadata"]["name"]) for o in _objects(_case(case).files, None))
    settings_maps = sum("settings" in name for name in _case(case).files)
    assert names.pop(("ConfigMap", "argocd-cm")) == settings_maps
    assert set(names.values()) == {1}
    assert max(len(name) for _, name in names) <= 63


@pytest.mark.parametrize("case", FOLDERS)
def test_what_an_application_does_its_project_admits(case: str) -> None:
    objects = _objects(_case(case).files)
    projects = {o["metadata"]["name"]: o["spec"] for o in objects if o["kind"] == "AppProject"}
    for entry in objects:
        if entry["kind"] == "Application":
            project = projects[entry["spec"]["project"]]
            assert entry["spec"]["source"]["repoURL"] in project["sourceRepos"]
            assert entry["spec"]["destination"] in project["destinations"]


@pytest.mark.parametrize("case", FOLDERS)
def test_a_project_admits_every_object_of_its_apps_and_no_other_kind(case: str) -> None:
    made = _case(case)
    objects = ObjectRenderer(LIBRARY)
    for entry in _true(made):
        admitted = of_apps(objects, made.fleet.contexts[entry.environment].facts, groups=False)
        group = entry.tree["apiVersion"].rpartition("/")[0]
        assert any(rule["kind"] == entry.tree["kind"] and rule["group"] in (group, "*") for rule in admitted)
        assert all(rule["kind"] != "*" for rule in admitted)


def test_a_template_of_the_repositorys_own_is_admitted(tmp_path: Path) -> None:
    own = tmp_path / "service" / "overlay"
    own.mkdir(parents=True)
    (own / "60-own.yaml.j2").write_text("apiVersion: own.example.com/v1\nkind: Own\nmetadata: {name: x}\n", "utf-8")
    (own / "61-any.yaml.j2").write_text('apiVersion: v1\nkind: {{ "A" ~ "ny" }}\nmetadata: {name: x}\n', "utf-8")
    facts = _case("argocd").fleet.platform.clusters["main"]
    admitted = of_apps(ObjectRenderer(TemplateLoader((tmp_path, templates_root()))), facts, groups=False)
    assert {"group": "own.example.com", "kind": "Own"} in admitted
    assert {"group": "*", "kind": "*"} in admitted


@pytest.mark.parametrize("case", FOLDERS)
def test_kubeconform_takes_every_object(case: str, kubeconform: Path) -> None:
    assert validate(_objects(_case(case).files), SchemaCatalog.open("1.36"), kubeconform) == []


def test_what_a_person_applies_to_argo_cds_own_settings(rewrite: bool) -> None:
    text = _case("argocd").files["rendered/argocd/_clusters/main/settings/argocd-cm.yaml"]
    golden = ROOT / "tests" / "cases" / "argocd-cm.yaml"
    if rewrite:
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


def _waves(objects: list[dict[str, Any]]) -> dict[str, set[int]]:
    out: dict[str, set[int]] = {}
    for tree in objects:
        wave = tree["metadata"].get("annotations", {}).get(ANNOTATION, "0")
        out.setdefault(tree["kind"], set()).add(int(wave))
    return out


def test_the_waves_of_an_app(kustomize: Path, tmp_path: Path) -> None:
    _write(_case("argocd").files, tmp_path)
    assert _waves(build(tmp_path / "rendered" / "p" / "a" / "overlays" / "prod", kustomize)) == {
        "ConfigMap": {-1},
        "ServiceAccount": {-1},
        "Deployment": {0},
        "Service": {0},
        "DestinationRule": {0},
        "NetworkPolicy": {0},
        "VirtualService": {1},
        "HorizontalPodAutoscaler": {2},
        "PodDisruptionBudget": {2},
    }


def test_waves_restart_no_pod_and_other_repositories_have_none() -> None:
    for name, text in _case("flux").files.items():
        assert ANNOTATION not in text, name
    objects = [tree for text in _case("argocd").files.values() for tree in yaml.safe_load_all(text)]
    pods = [tree["spec"]["template"] for tree in objects if isinstance(tree, dict) and tree.get("kind") == "Deployment"]
    assert pods
    assert ANNOTATION not in str(pods)


def _closure(application: dict[str, Any], files: dict[str, str]) -> list[PurePosixPath]:
    """The paths of the overlay and of the bases that its kustomization names."""
    path = PurePosixPath(application["spec"]["source"]["path"])
    named = yaml.safe_load(files[f"{path}/workloads/kustomization.yaml"])["resources"]
    return [path, *(path.parent.parent / "base" / name.rpartition("/")[2] for name in named if "/base/" in name)]


def _inside(name: str, closure: list[PurePosixPath]) -> bool:
    return any(PurePosixPath(name).is_relative_to(folder) for folder in closure)


def _overlays(files: dict[str, str]) -> list[dict[str, Any]]:
    return [a for a in _objects(files, "Application") if "/overlays/" in a["spec"]["source"]["path"]]


def _delivered(files: dict[str, bytes]) -> dict[str, bytes]:
    """Return the files of the repository with Argo CD as the delivery tool of its clusters."""
    delivery = b"\ndelivery: {tool: argocd, repository: https://git.example.com/a.git}\n"
    far = files["services/platform.yaml"].replace(
        b"    scrape: none\n", b"    scrape: none\n    delivery: {destination: far}\n"
    )
    return {**files, "services/platform.yaml": far + delivery}


@settings(max_examples=examples(2, of=6))
@given(repositories())
def test_each_path_of_a_random_fleet_builds_alone(kustomize: Path, files: dict[str, bytes]) -> None:
    """No file outside an Application's paths affects what it builds."""
    made = _plan(_delivered(files))
    assert delivers(made.fleet.platform, "argocd")
    for application in _overlays(made.files):
        closure = _closure(application, made.files)
        path = PurePosixPath(application["spec"]["source"]["path"])
        with tempfile.TemporaryDirectory() as folder:
            _write({name: text for name, text in made.files.items() if _inside(name, closure)}, Path(folder))
            built = build(Path(folder) / path, kustomize)
        true = [entry.tree for entry in _true(made) if entry.environment == path.name]
        assert len(built) == len(true)
        assert all(tree in true for tree in built)


def test_every_file_in_the_paths_plays_a_part(kustomize: Path, tmp_path: Path) -> None:
    """Without any one of the files, the build fails or differs, so a change of that file can change the build."""
    files = _case("argocd").files
    for application in _overlays(files):
        closure, path = _closure(application, files), application["spec"]["source"]["path"]
        _write({name: text for name, text in files.items() if _inside(name, closure)}, tmp_path)
        whole = build(tmp_path / path, kustomize)
        inside = [name for name in files if _inside(name, closure)]
        assert all(any(PurePosixPath(name).is_relative_to(folder) for name in inside) for folder in closure)
        for name in inside:
            assert _without(tmp_path, name, path, kustomize) != whole
        shutil.rmtree(tmp_path / "rendered")


def _without(root: Path, name: str, path: str, kustomize: Path) -> object:
    text = (root / name).read_bytes()
    (root / name).unlink()
    try:
        return build(root / path, kustomize)
    except KustomizeError:
        return None
    finally:
        (root / name).write_bytes(text)


def test_a_service_does_not_share_a_path_with_one_whose_name_begins_alike() -> None:
    platform = read_spec_files(CASES / "argocd").contents["services/platform.yaml"]
    spec = b"model: m\nversion: v1\ntype: triton-server\ncommand: run\nenvironments: {%s: }\n"
    made = _plan(
        {
            "services/platform.yaml": platform,
            "services/p/a/m-1.yaml": spec % b"prod",
            "services/p/a/m-10.yaml": spec % b"test",
        }
    )
    paths = {a["metadata"]["name"]: _closure(a, made.files) for a in _overlays(made.files)}
    assert [folder.name for folder in paths["p-a-prod"]] == ["prod", "m-1"]
    assert not _inside("rendered/p/a/base/m-10/resources.yaml", paths["p-a-prod"])

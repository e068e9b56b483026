"""`servegen doctor`: its findings about programs, hook, templates and clusters, as text and as JSON."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from generator.core.paths import templates_root
from generator.repo.template_overrides import FOUND
from tests.conftest import ROOT
from tests.support.clones import git, write
from tests.support.command import servegen
from tests.support.one_service import files

if TYPE_CHECKING:
    from collections.abc import Callable

CLUSTER = "clusters:\n  main: {domain: example.com, gateways: managed}\n"
PLATFORM = "servegen: ~=1.0\n" + CLUSTER + "environments:\n  prod: {cluster: main, stage: prod, requires: none}\n"
SPEC = "model: m\nversion: v1\ntype: tfserving\ncommand: run\nenvironments: {prod: {released: 2026-11-01T10:00:00Z}}\n"
SIDECAR, CARDS = "sidecars/istio.yaml", "cards.yaml"


@pytest.fixture
def doctor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Return a function that runs the command in a repository, with only the given programs on PATH."""

    def run(*programs: Path, output: str = "text") -> subprocess.CompletedProcess[str]:
        folder = tmp_path / "bin"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        for program in programs:
            (folder / program.name).symlink_to(program)
        with monkeypatch.context() as only:
            only.setenv("PATH", str(folder))
            return servegen(tmp_path / "models", "doctor", "--output", output)

    return run


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """A Git repository with one service."""
    root = tmp_path / "models"
    write(root, {"services/platform.yaml": PLATFORM, "services/p/a/m-1.yaml": SPEC})
    git(root, "init", "-q")
    return root


def _git() -> Path:
    found = shutil.which("git")
    assert found is not None
    return Path(found)


def _anew(root: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a new Python, which looks for git when it imports GitPython."""
    command = [sys.executable, "-m", "generator", "-C", str(root), "doctor"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **variables}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)


def _found(done: subprocess.CompletedProcess[str], part: str) -> Any:
    return json.loads(done.stdout)[part]


def test_all_programs_are_there(
    models: Path, kustomize: Path, kubeconform: Path, doctor: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    done = doctor(_git(), kustomize, kubeconform)
    lines = done.stdout.splitlines()
    assert (done.returncode, done.stderr) == (0, "")
    assert re.fullmatch(r"  git: git version \S.*, \S+/bin/git", lines[1])
    assert re.fullmatch(r"  kustomize: v\d+\.\d+\.\d+, \S+/bin/kustomize", lines[2])
    assert re.fullmatch(r"  kubeconform: \S+, \S+/bin/kubeconform", lines[3])
    assert lines[4:11] == [
        "Commit hook",
        "  none: run `servegen init .` for .githooks/pre-commit, then git config core.hooksPath .githooks",
        "Own templates",
        "  none",
        "Results of earlier runs",
        "  not used: SERVEGEN_NO_CACHE is set",
        "Queries for the clusters; each command prints nothing if all is well",
    ]
    assert len(lines) == 13  # one query: what an environment that moved has left
    assert git(models, "status", "--porcelain", "--ignored") == "?? services/"


def test_what_does_not_work_without_a_program(
    models: Path, tmp_path: Path, doctor: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    broken = tmp_path / "kubeconform"
    broken.write_text("#!/bin/sh\nexit 9\n", encoding="utf-8")
    broken.chmod(0o755)
    done = doctor(_git(), broken)
    assert done.returncode == 3
    assert done.stderr == "servegen: missing or broken: kustomize, kubeconform\n"
    assert done.stdout.splitlines()[2:4] == [
        "  kustomize: missing, so verify works only with --no-build",
        f"  kubeconform: {tmp_path}/bin/kubeconform -v failed with code 9, so only the embedded engine checks objects",
    ]
    shutil.rmtree(models / ".git")
    (tmp_path / "bin" / "git").unlink()
    without = _anew(models, PATH=str(tmp_path / "bin"))
    assert without.returncode == 3
    assert without.stderr == "servegen: missing or broken: git, kustomize, kubeconform\n"
    assert "Commit hook\n  unknown: git does not run\n" in without.stdout


@pytest.mark.usefixtures("models")
def test_a_program_is_judged_by_what_it_does_and_not_by_its_version(
    kubeconform: Path, tmp_path: Path, doctor: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    accepting = tmp_path / "kubeconform"
    accepting.write_text(f'#!/bin/sh\n"{kubeconform}" "$@" | /bin/sed s/statusInvalid/statusValid/\n', encoding="utf-8")
    accepting.chmod(0o755)
    found = _found(doctor(_git(), accepting, output="json"), "programs")[2]
    path = str(tmp_path / "bin" / "kubeconform")
    assert (found["path"], found["version"]) == (path, None)
    assert found["problem"] == (
        f"{path} does not work as kubeconform: expected the verdicts on known objects, but it gave the "
        "probe-unknown-key statusValid, expected statusInvalid"
    )


def test_the_hook(tmp_path: Path, doctor: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    assert servegen(tmp_path, "init", "models").returncode == 0
    root = tmp_path / "models"
    assert _found(doctor(_git(), output="json"), "hook") == "active"
    (root / ".githooks/pre-commit").write_text("#!/bin/sh\nservegen render --check\n", encoding="utf-8")
    assert _found(doctor(_git(), output="json"), "hook") == "changed"
    git(root, "config", "--unset", "core.hooksPath")
    assert _found(doctor(_git(), output="json"), "hook") == "inactive"


def test_own_templates(models: Path, doctor: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    catalog = {name: (templates_root() / name).read_text(encoding="utf-8") for name in (SIDECAR, CARDS)}
    write(
        models / "templates",
        {
            CARDS: catalog[CARDS],
            SIDECAR: catalog[SIDECAR] + "# ours\n",
            "sidecars/linkerd.yaml": "labels: {linkerd.io/inject: enabled}\n",
            "servers/mine/server.yaml": "description: ours\n",
            "service/base/20-deploymnt.yaml.j2.bak": "",
            "service/base/25-secret.yaml.j2": "{% if false %}{% endif %}\n",
            "schemas/example.com/thing_v1.json": "{}\n",
            "platform/20-thing.yaml.j2": "kind: Thing\n",
        },
    )
    before = files(models)
    found = {entry.pop("name"): entry for entry in _found(doctor(_git(), output="json"), "templates")}
    mark = found[SIDECAR]["mark"]
    assert re.fullmatch(r"# made from the shipped file sha256:[0-9a-f]{12}", mark)
    new = {"state": "new", "mark": "", "hint": ""}
    meant = 'did you mean "service/base/20-deployment.yaml.j2"?'
    assert found == {
        CARDS: {"state": "same", "mark": "", "hint": ""},
        "platform/20-thing.yaml.j2": found["platform/20-thing.yaml.j2"],
        "schemas/example.com/thing_v1.json": new,
        "servers/mine/server.yaml": new,
        "service/base/20-deploymnt.yaml.j2.bak": {"state": "unread", "mark": "", "hint": meant},
        "service/base/25-secret.yaml.j2": new,
        SIDECAR: {"state": "unmarked", "mark": mark, "hint": ""},
        "sidecars/linkerd.yaml": new,
    }
    assert found["platform/20-thing.yaml.j2"]["state"] == "unread"
    write(models / "templates", {SIDECAR: f"{mark}\n{catalog[SIDECAR]}"})
    assert f"  templates/{SIDECAR} replaces the shipped file, which has not changed\n" in doctor(_git()).stdout
    write(models / "templates", {SIDECAR: f"{mark[:-12]}0123456789ab\n{catalog[SIDECAR]}"})
    stale = "is out of date: the shipped file has changed; merge the change, then write at the top:"
    assert f"  templates/{SIDECAR} {stale}\n    {mark}\n" in doctor(_git()).stdout
    assert files(models) == before


def test_each_pattern_of_templates_fits_something_that_we_ship() -> None:
    catalog = [path.relative_to(templates_root()).as_posix() for path in templates_root().rglob("*")]
    assert [pattern for pattern in FOUND if not any(fnmatchcase(name, pattern) for name in catalog)] == []


@pytest.mark.parametrize("tool", ["argocd", "flux"])
def test_what_to_ask_the_clusters(
    models: Path, tool: str, doctor: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    delivery = f"delivery: {{tool: {tool}, repository: https://git.example.com/models.git}}\n"
    write(models, {"services/platform.yaml": PLATFORM.replace("clusters:", f"{delivery}clusters:")})
    where, kinds = "-l app.kubernetes.io/managed-by=servegen -o custom-columns=", "(_clusters|platform)/main$"
    expected = {
        "argocd": [
            (
                "where the Argo CD of main runs",
                "Applications that are not Synced and Healthy",
                f"kubectl get applications.argoproj.io -n argocd {where}"
                "NAME:.metadata.name,SYNC:.status.sync.status,HEALTH:.status.health.status,PATH:.spec.source.path "
                f'--no-headers | awk \'$4 ~ "/(overlays|argocd)/prod$|/{kinds}" '
                '&& ($2 != "Synced" || $3 != "Healthy")\'',
            )
        ],
        "flux": [
            (
                "where the Flux of main runs",
                "Kustomizations that are not ready",
                f"kubectl get kustomizations.kustomize.toolkit.fluxcd.io -n flux-system {where}"
                "\"NAME:.metadata.name,PATH:.spec.path,READY:.status.conditions[?(@.type=='Ready')].status\" "
                f'--no-headers | awk \'$2 ~ "/overlays/prod/|/flux/prod$|/{kinds}" && $3 != "True"\'',
            ),
            (
                "main",
                "objects left by failed revisions of p/a: check and delete, once p-a-prod-gc is ready",
                "kubectl get configmap,service,serviceaccount,destinationrule,deployment.apps,"
                "horizontalpodautoscaler.autoscaling,networkpolicy.networking.k8s.io,poddisruptionbudget.policy "
                "-n p-prod -l kustomize.toolkit.fluxcd.io/name=p-a-prod-workloads",
            ),
        ],
    }
    *found, left = _found(doctor(_git(), output="json"), "questions")
    assert [(entry["where"], entry["about"], entry["command"]) for entry in found] == expected[tool]
    assert {entry["environment"] for entry in found} == {"prod"}
    assert (left["environment"], left["where"]) == ("", "main")
    text = doctor(_git()).stdout
    assert all(f"  {about} ({place}):\n    {command}\n" in text for place, about, command in expected[tool])


def test_what_a_move_left_on_the_old_cluster_is_listed(
    models: Path, doctor: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    second = "  second: {domain: example.org, gateways: managed}\nenvironments:\n  test: {cluster: main, stage: test}\n"
    platform = PLATFORM.replace("environments:\n", second).replace("prod: {cluster: main", "prod: {cluster: second")
    spec = SPEC.replace("environments: {", "environments: {test: , ")
    write(models, {"services/platform.yaml": platform, "services/p/a/m-1.yaml": spec})
    questions = {entry["where"]: entry["command"] for entry in _found(doctor(_git(), output="json"), "questions")}
    objects = "p-test Deployment m-1\np-prod Deployment m-1\np-prod-2 Service x\n"

    def listed(cluster: str) -> list[str]:
        script = f"kubectl() {{ printf '{objects}'; }}\n{questions[cluster]}"
        return subprocess.run(["sh", "-ec", script], capture_output=True, text=True, check=True).stdout.splitlines()

    assert listed("main") == ["p-prod Deployment m-1", "p-prod-2 Service x"]
    assert listed("second") == ["p-test Deployment m-1", "p-prod-2 Service x"]
    assert "Queries for the clusters; each command prints nothing if all is well\n" in doctor(_git()).stdout
    write(models, {"services/p/a/m-1.yaml": spec.replace("test: , ", "")})
    questions |= {entry["where"]: entry["command"] for entry in _found(doctor(_git(), output="json"), "questions")}
    assert listed("main") == objects.splitlines()


def test_specs_with_errors_are_reported(models: Path, doctor: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    write(models, {"services/p/a/m-2.yaml": "model: m\nversion: v2\ntype: tfservng\nenvironments: {prod: }\n"})
    said = "the specs have errors, so apps may be missing here; `servegen validate` reports them"
    assert doctor(_git()).stdout.endswith(f"Queries for the clusters\n  {said}\n")
    write(models, {"services/platform.yaml": PLATFORM.replace("~=1.0", "~=9.0")})
    said = "the platform file has errors; `servegen validate` reports them"
    assert doctor(_git()).stdout.endswith(f"Queries for the clusters\n  {said}\n")

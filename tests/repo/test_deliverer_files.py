"""Files below rendered/ that Argo CD, Flux or kustomize read and servegen did not write are errors (F15)."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Final

import pytest

from generator.repo.deliverer_files import report_deliverer_files
from tests.support.clones import committed, git, head, repository, service, write
from tests.support.command import servegen

OVERLAY: Final = "rendered/p/a/overlays/prod"
IMAGES: Final = "kustomize:\n  images: [nginx:9.99]\n  namePrefix: a-\n"
ARGOCD: Final = "Argo CD reads this file, which overrides "
CASES: Final = {
    "one application": (
        f"{OVERLAY}/.argocd-source-p-a-prod.yaml",
        IMAGES,
        f"{ARGOCD}kustomize.images, kustomize.namePrefix of the Application p-a-prod with the path {OVERLAY}",
    ),
    "all applications": (
        f"{OVERLAY}/.argocd-source.yaml",
        "helm: x\n",
        f"{ARGOCD}helm of each Application with the path {OVERLAY}",
    ),
    "a file that cannot be read": (
        "rendered/argocd/prod/.argocd-source.yaml",
        ":\n:",
        "Argo CD reads this file for each Application with the path rendered/argocd/prod",
    ),
    "a list of Flux": (
        "rendered/.sourceignore",
        "p/\n",
        "a GitRepository of Flux without `ignore` leaves out the files of rendered that this file names",
    ),
    "a second kustomization": (
        f"{OVERLAY}/kustomization.yml",
        "namePrefix: x-\n",
        f"kustomize reads this file instead of what is rendered for {OVERLAY}, or refuses to build it",
    ),
    "a kustomization of the routes": (
        f"{OVERLAY}/routes/Kustomization",
        "namePrefix: x-\n",
        f"kustomize reads this file instead of what is rendered for {OVERLAY}/routes, or refuses to build it",
    ),
    "a chart": (
        f"{OVERLAY}/Chart.yaml",
        "name: x\n",
        f"Argo CD reads this file, and takes {OVERLAY} for a Helm chart",
    ),
    "a hidden manifest": (
        f"{OVERLAY}/routes/.more.yaml",
        "kind: ConfigMap\n",
        f"Argo CD and Flux apply this file with the folder {OVERLAY}/routes, and no spec has it",
    ),
    "a manifest in JSON": (
        "rendered/platform/main/.json",
        "{}",
        "Argo CD and Flux apply this file with the folder rendered/platform/main, and no spec has it",
    ),
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A rendered repository, in which .yaml files of config are hidden, too."""
    return repository(tmp_path, service("1", more="config: {.hidden.yaml: 'a: b'}\n"))


def test_files_that_only_a_delivery_tool_reads_are_errors(root: Path) -> None:
    files = {path: text for path, text, _ in CASES.values()}
    write(root, files)
    git(root, "add", "--force", *files)
    git(root, "commit", "-qm", "build: automatic update of p-a-prod")
    before = head(root)
    findings = "".join(
        f"{path}:1:1: error: {message} [F15]\n  hint: set it in the specs, and delete the file {path}\n\n"
        for path, _, message in sorted(CASES.values())
    )
    commands = (["render", "--check"], ["render"], ["validate", "--engine", "embedded"], ["verify", "--no-build"])
    for command in (*commands, ["commit"]):
        done = servegen(root, *command)
        assert done.returncode == 1, command
        assert done.stderr.startswith(findings), command
        assert done.stderr.count("[F15]") == len(CASES), command
        assert "nginx" not in done.stdout + done.stderr
    assert head(root) == before
    assert servegen(root, "hydrate", "-e", "prod").returncode == 0
    names = git(root, "ls-tree", "-r", "--name-only", "environments/prod").splitlines()
    assert files.keys().isdisjoint(names)
    assert "rendered/p/a/base/m-1/config/.hidden.yaml" in names
    for path in files:
        (root / path).unlink()
    git(root, "add", "--all", "rendered")
    git(root, "commit", "-qm", "no longer")
    assert servegen(root, "render", "--check").returncode == 0
    assert servegen(root, "verify", "--no-build").returncode == 0


@pytest.mark.parametrize("name", [".sourceignore", ".argocd-source.yaml", "kustomization.yaml", "Chart.yaml"])
def test_a_file_above_the_folders_that_are_delivered_is_not_read(name: str, root: Path) -> None:
    write(root, {name: "rendered/\n", f"services/{name}": "*\n"} if name == ".sourceignore" else {name: "a: b\n"})
    assert servegen(root, "render", "--check").returncode == 0


def test_a_file_that_sets_nothing_overrides_nothing() -> None:
    (found,) = report_deliverer_files([f"{OVERLAY}/.argocd-source.yaml"], lambda _: b"kustomize: {}\n")
    assert found.message == f"Argo CD reads this file for each Application with the path {OVERLAY}"


def test_kustomize_really_reads_another_kustomization(root: Path, kustomize: Path) -> None:
    write(root, {f"{OVERLAY}/routes/Kustomization": "namePrefix: x-\nresources: [routes.yaml]\n"})
    built = subprocess.run([kustomize, "build", root / OVERLAY / "routes"], capture_output=True, text=True, check=True)
    assert "name: x-" in built.stdout
    write(root, {f"{OVERLAY}/kustomization.yml": "namePrefix: x-\n"})
    done = subprocess.run([kustomize, "build", root / OVERLAY], capture_output=True, text=True, check=False)
    assert "Found multiple kustomization files" in done.stderr


@pytest.mark.parametrize("name", [".gitkeep", ".DS_Store", ".more.yaml.swp", ".argocd-source", "OWNERS/.gitkeep"])
def test_other_hidden_files_belong_to_their_owner(name: str, root: Path) -> None:
    write(root, {f"{OVERLAY}/{name}": "mine"})
    assert servegen(root, "render").returncode == 0
    assert (root / OVERLAY / name).read_text() == "mine"
    assert "nothing to commit" in committed(root)


def test_a_link_with_such_a_name_is_not_followed(root: Path, tmp_path: Path) -> None:
    write(tmp_path, {"secret": "password: hunter2\n"})
    (root / OVERLAY / ".argocd-source.yaml").symlink_to(tmp_path / "secret")
    done = servegen(root, "validate", "--engine", "embedded")
    assert done.returncode == 1
    assert f"Argo CD reads this file for each Application with the path {OVERLAY} [F15]" in done.stderr
    assert "password" not in done.stderr

"""`servegen verify`: the tree of any commit is a render of its specs, and kustomize builds the manifests from it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from generator import __version__
from generator.core.programs.git import Git
from generator.repo.verify import VerifyResult, verify
from tests.support.clones import PLATFORM, committed, git, head, identity, repository, service, write
from tests.support.command import servegen

if TYPE_CHECKING:
    from pathlib import Path

RESOURCES = "rendered/p/a/base/m-1/resources.yaml"
OVERLAY = "rendered/p/a/overlays/prod/kustomization.yaml"


@pytest.fixture(params=["", "deploy/models/"], ids=["top", "folder"])
def root(request: pytest.FixtureRequest, tmp_path: Path, kustomize: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one commit, at the top of a Git repository or in a folder of it."""
    monkeypatch.setenv("PATH", str(kustomize.parent), prepend=":")
    return repository(tmp_path, service("1"), prefix=request.param)


def _changed(root: Path) -> str:
    git(root, "add", "--all", ".")
    git(root, "commit", "-qm", "by hand")
    return head(root)[:9]


def test_any_commit_is_proved_whatever_the_work_tree_holds(root: Path) -> None:
    first = head(root)
    write(root, {"services/p/a/m-2.yaml": service("2", host="m.example.com")})
    committed(root)
    write(root, {"services/p/a/m-1.yaml": "nonsense", RESOURCES: "nonsense"})
    expected = {first: (8, 2, 8), head(root): (10, 2, 13)}
    for commit, (files, folders, objects) in expected.items():
        done = servegen(root, "verify", commit)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout == (
            f"{commit[:9]}: {files} files are byte for byte what the specs render\n"
            f"{commit[:9]}: kustomize builds {folders} folders to the expected {objects} objects\n"
        )
    assert servegen(root, "verify", "--no-build", first).stdout.splitlines() == [
        f"{first[:9]}: 8 files are byte for byte what the specs render"
    ]


def test_every_difference_is_reported(root: Path) -> None:
    (root / RESOURCES).write_text("by hand\n", encoding="utf-8")
    (root / OVERLAY).unlink()
    write(root, {"rendered/notes.txt": "by hand", "rendered/.gitkeep": ""})
    (root / "rendered/p/link.yaml").symlink_to("../notes.txt")
    commit = _changed(root)
    done = servegen(root, "verify")
    assert (done.returncode, done.stdout) == (4, "")
    assert done.stderr == (
        f"servegen: rendered/ of {commit} is wrong: its specs render to other content\n"
        f"  not rendered  rendered/notes.txt\n"
        f"  differs       {RESOURCES}\n"
        f"  missing       {OVERLAY}\n"
        f"  not rendered  rendered/p/link.yaml\n"
        "  hint: run `servegen render` and commit\n"
    )


def test_a_tree_of_another_version_says_so(root: Path) -> None:
    (root / RESOURCES).write_text("older\n", encoding="utf-8")
    git(root, "add", "--all", ".")
    git(root, "commit", "-qm", "render\n\nServegen-Version: 0.9.0")
    done = servegen(root, "verify")
    assert done.returncode == 4
    hint = f"servegen 0.9.0 wrote it, but this is {__version__}: verify it with that version"
    assert done.stderr.splitlines()[-1] == f"  hint: {hint}"


def test_specs_with_errors_are_reported(root: Path) -> None:
    write(root, {"services/p/a/m-1.yaml": service("1") + "replica: 3\n"})
    commit = _changed(root)
    done = servegen(root, "verify")
    assert done.returncode == 1
    assert done.stderr.splitlines()[0].startswith("services/p/a/m-1.yaml:7:1: error: ")
    assert done.stderr.splitlines()[-1] == f"servegen: the specs of {commit} have errors"


def test_own_templates_are_those_of_the_commit(root: Path) -> None:
    catalog = servegen(root, "render", "--check")
    assert catalog.returncode == 0
    source = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ service.name ~ '-extra' }}\ndata:\n  a: b\n"
    write(root, {"templates/service/base/extra.yaml.j2": source})
    git(root, "add", "--all", ".")
    git(root, "commit", "-qm", "a template of our own")
    committed(root)
    commit = head(root)
    write(root, {"templates/service/base/extra.yaml.j2": source.replace("a: b", "a: c")})
    done = servegen(root, "verify", commit)
    assert (done.returncode, done.stderr) == (0, "")


def test_what_kustomize_makes_of_it_is_compared(
    root: Path, tmp_path_factory: pytest.TempPathFactory, kustomize: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kustomize that changes a type: `"true"` and true are different."""
    outside = tmp_path_factory.mktemp("outside")
    program = outside / "bin" / "kustomize"
    change = 's/automountServiceAccountToken: false/automountServiceAccountToken: "false"/'
    write(outside, {"bin/kustomize": f"#!/bin/sh\n{kustomize} \"$@\" | sed '{change}'\n"})
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=":")
    done = servegen(root, "verify")
    assert (done.returncode, done.stdout) == (4, "")
    assert done.stderr == (
        f"servegen: rendered/ of {head(root)[:9]} is wrong: kustomize builds other objects from it\n"
        "  rendered/p/a/overlays/prod: apps/v1/Deployment/p-prod/m-1\n"
        "  rendered/p/a/overlays/prod: v1/ServiceAccount/p-prod/m-1\n"
        "  hint: this is a bug in servegen; please report it\n"
    )


@pytest.mark.parametrize("revision", ["nope", "--all", "HEAD:services"])
def test_what_is_no_commit(root: Path, revision: str) -> None:
    done = servegen(root, "verify", "--", revision)
    assert done.returncode == 2
    assert done.stderr.startswith(f"servegen: {revision} is not a revision of this repository\n")


def test_apps_that_are_verified_at_once_do_not_mix(tmp_path: Path, kustomize: Path) -> None:
    """Threads that switch as often as Python allows: each app is still compared with its own objects."""
    git(tmp_path, "init", "-q", "-b", "main")
    identity(tmp_path)
    apps = {f"services/p/app-{number}/m-{number}.yaml": service(str(number)) for number in range(6)}
    write(tmp_path, {"services/platform.yaml": PLATFORM, **apps})
    committed(tmp_path)
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        assert verify(Git(tmp_path), head(tmp_path), kustomize=kustomize) == VerifyResult(
            files=38, folders=7, objects=38
        )
    finally:
        sys.setswitchinterval(before)

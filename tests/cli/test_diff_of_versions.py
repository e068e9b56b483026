"""`servegen diff` where another version of servegen wrote rendered/ of the base: what the tool itself changes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import pytest

from tests.review.sides import FIRST, PLATFORM, edit
from tests.support.clones import git, identity, write
from tests.support.command import servegen
from tests.support.prepared import copy_prepared

DELIVERY: Final = edit(
    PLATFORM, "main: {", "main: {delivery: {tool: argocd, repository: https://git.example.com/a/b.git}, "
)
BASE: Final = "rendered/p/a/base/m-1/resources.yaml"
APPLICATION: Final = "rendered/argocd/prod/p-a.yaml"
MARKER: Final = "rendered/p/b/overlays/prod/workloads/resources.yaml"
CAUSE: Final = "    because of servegen 0.9.0 to 1.0.0, which renders this in another way\n"


def _fill(root: Path) -> None:
    git(root, "init", "-q", "-b", "main")
    identity(root)
    write(root, DELIVERY)
    assert servegen(root, "render").returncode == 0


@pytest.fixture
def root(tmp_path: Path, kustomize: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository that is rendered and not committed."""
    monkeypatch.setenv("PATH", str(kustomize.parent), prepend=":")
    here = tmp_path / "here"
    here.mkdir()
    copy_prepared(here, _fill)
    return here


def _written_by_another_version(root: Path) -> None:
    """Commit rendered files that an earlier version wrote: other values, and one object more."""
    _replace(root / BASE, "minReadySeconds: 5", "minReadySeconds: 3")
    _replace(root / BASE, "value: one", "value: zero")
    _replace(root / APPLICATION, "revisionHistoryLimit: 3", "revisionHistoryLimit: 10")
    more = "---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: gone\n  namespace: p-prod\n"
    _replace(root / MARKER, "apiVersion: v1\nkind: ConfigMap", "apiVersion: v1\nkind: ConfigMap", more)
    git(root, "add", "-A")
    git(root, "commit", "-qm", "render\n\nServegen-Version: 0.9.0")


def _replace(file: Path, old: str, new: str, more: str = "") -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text, file
    file.write_text(text.replace(old, new) + more, encoding="utf-8")


def test_what_the_tool_changes_has_it_as_its_cause(root: Path) -> None:
    _written_by_another_version(root)
    write(root, edit(FIRST, "A: one", "A: two", DELIVERY))
    done = servegen(root, "diff")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[1] == (
        "note: servegen 0.9.0 wrote rendered/ of the base; what this version renders differently has it as its cause"
    )
    assert "    spec.minReadySeconds: 3 -> 5\n" in done.stdout
    assert "    spec.template.spec.containers[main].env[A].value: zero -> two\n" in done.stdout, "the sum of both"
    assert "    spec.revisionHistoryLimit: 10 -> 3\n" + CAUSE in done.stdout
    assert "  prod: ConfigMap p-prod/gone\n" + CAUSE in done.stdout
    found = json.loads(servegen(root, "diff", "--output", "json").stdout)
    causes = {
        (change["kind"], field["path"]): [(cause["kind"], cause["key"]) for cause in field["causes"]]
        for change in found["objects"]
        for field in change["fields"]
        if change["environment"] == "prod"
    }
    tool = ("tool", "0.9.0 to 1.0.0")
    assert causes == {
        ("Deployment", "spec.minReadySeconds"): [tool],
        ("Deployment", "spec.template.spec.containers[main].env[A].value"): [("spec", "env.A"), tool],
        ("Application", "spec.revisionHistoryLimit"): [tool],
    }


def test_what_the_tool_alone_changes(root: Path) -> None:
    _written_by_another_version(root)
    done = servegen(root, "diff", "HEAD")
    assert "prod: 1 object deleted, 1 service with 3 pods restart, 1 change in place\n" in done.stdout
    assert done.stdout.count("because of") == done.stdout.count(CAUSE)


def test_rendered_files_that_are_older_than_the_specs_say_nothing_about_the_tool(root: Path) -> None:
    _written_by_another_version(root)
    write(root, edit(FIRST, "replicas: 2~4", "replicas: 1~4", DELIVERY))
    git(root, "commit", "-qam", "specs alone")
    done = servegen(root, "diff", "HEAD")
    assert "is not known: the specs of the base have changed since then" in done.stdout.splitlines()[1]
    assert done.stdout.splitlines()[-1] == "nothing changes in any environment"


def test_the_same_version_is_no_cause(root: Path) -> None:
    git(root, "add", "-A")
    git(root, "commit", "-qm", "render\n\nServegen-Version: 1.0.0")
    assert servegen(root, "diff", "HEAD").stdout.splitlines()[1:] == ["nothing changes in any environment"]


def test_another_version_that_renders_the_same_changes_nothing(root: Path) -> None:
    git(root, "add", "-A")
    git(root, "commit", "-qm", "render\n\nServegen-Version: 0.9.0")
    assert servegen(root, "diff", "HEAD").stdout.splitlines()[-1] == "nothing changes in any environment"

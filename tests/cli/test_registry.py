"""Registry commands: each file of cases/registry (commandcases), and pipelines that push to a real remote."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import pytest
import yaml

from generator.edit.release import stamp
from tests.conftest import ROOT
from tests.support import commandcases
from tests.support.clones import clone, git, head, remote, whole, write
from tests.support.command import servegen
from tests.support.on_path import install

if TYPE_CHECKING:
    from pathlib import Path

CASES: Final = sorted((ROOT / "tests" / "cases" / "registry").glob("*.yaml"))
FILE: Final = "services/p/models/d.yaml"
TODAY: Final = ["register", "p/d", "--framework", "onnx", "--push"]


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_output_and_changed_files(
    path: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    rewrite: bool,
) -> None:
    commandcases.check(path, tmp_path, capsys, monkeypatch, rewrite=rewrite)


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A remote. The run variables of pipelines are removed, so that only options name a run."""
    for name in ("KFJ_PIPELINE_ID", "KFJ_RUN_ID"):
        monkeypatch.delenv(name, raising=False)
    return remote(tmp_path)


def _registered(root: Path, *arguments: str) -> dict[str, Any]:
    done = servegen(root, *arguments)
    assert done.returncode == 0, done.stderr
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def _versions(bare: Path) -> dict[str, str]:
    """The path of each version in the remote's registry file."""
    held = yaml.safe_load(git(bare, "show", f"main:{FILE}"))["versions"]
    return {name: facts["path"] for name, facts in held.items()}


def test_a_registration_is_committed_and_pushed(bare: Path) -> None:
    training = clone(bare, "training")
    before = head(bare, "main")
    said = _registered(training, "register", "p/d", "v1", "--path", "/d/1", "--run", "r1", "--push")
    assert said == {
        "project": "p",
        "model": "d",
        "version": "v1",
        "file": FILE,
        "changed": True,
        "commit": head(bare, "main"),
        "pushed": True,
    }
    assert git(bare, "log", "--format=%an: %s", f"{before}..main") == "Dev: register p/d v1"
    assert git(bare, "diff", "--name-only", before, "main") == FILE
    assert _versions(bare) == {"v1": "/d/1"}
    whole(training)


def test_the_same_run_pushes_nothing_new(bare: Path) -> None:
    training = clone(bare, "training")
    first = _registered(training, *TODAY, "--path", "/d/1", "--run", "r1")
    after = head(bare, "main")
    again = _registered(clone(bare, "elsewhere"), *TODAY, "--path", "/d/1", "--run", "r1")
    assert again == {**first, "changed": False, "commit": None}
    assert head(bare, "main") == after


def test_a_pipeline_on_no_branch_names_the_one_that_it_pushes_to(bare: Path) -> None:
    """CI checks out a commit and no branch, so the hint must be one that can be followed there."""
    training, other = clone(bare, "training"), clone(bare, "other")
    git(training, "switch", "-q", "--detach")
    _registered(other, *TODAY, "--path", "/d/2", "--run", "r2")
    done = servegen(training, *TODAY, "--path", "/d/1", "--run", "r1")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.endswith("  hint: use --branch, such as --branch main\n")
    said = _registered(training, *TODAY, "--path", "/d/1", "--run", "r1", "--branch", "main")
    assert list(_versions(bare).values()) == ["/d/2", "/d/1"]
    assert said["commit"] == head(training) == head(bare, "main")
    whole(training)


def test_a_branch_is_where_a_push_goes(bare: Path) -> None:
    done = servegen(clone(bare, "training"), *TODAY[:-1], "--path", "/d/1", "--branch", "main")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("servegen: --branch has no effect without --push\n")


def test_a_registration_that_was_not_pushed_is_pushed_by_the_next_run(bare: Path) -> None:
    training = clone(bare, "training")
    assert _registered(training, *TODAY[:-1], "--path", "/d/1", "--run", "r1")["pushed"] is False
    assert _registered(training, *TODAY, "--path", "/d/1", "--run", "r1")["changed"] is False
    assert list(_versions(bare).values()) == ["/d/1"]
    whole(training)


def test_a_clone_that_is_behind_registers_beside_what_others_have(bare: Path) -> None:
    one, other = clone(bare, "one"), clone(bare, "other")
    first = _registered(one, *TODAY, "--path", "/d/1", "--run", "r1")
    second = _registered(other, *TODAY, "--path", "/d/2", "--run", "r2")
    assert _versions(bare) == {first["version"]: "/d/1", second["version"]: "/d/2"}
    third = _registered(one, *TODAY, "--path", "/d/3", "--run", "r3")
    assert _versions(bare)[third["version"]] == "/d/3"
    whole(one)


def _meanwhile(root: Path, other: Path, *arguments: str) -> None:
    """Make another clone register while the next commit is made in `root`."""
    hook = root / ".git" / "hooks" / "pre-commit"
    words = " ".join(f"'{word}'" for word in (install(root.parent), "-C", other, *arguments))
    hook.write_text(f'#!/bin/sh\nrm "$0"\nunset $(git rev-parse --local-env-vars)\n{words} >&2\n')
    hook.chmod(0o755)


def test_two_pipelines_take_todays_version_at_once(bare: Path) -> None:
    one, other = clone(bare, "one"), clone(bare, "other")
    _meanwhile(one, other, *TODAY, "--path", "/d/2", "--run", "r2")
    said = _registered(one, *TODAY, "--path", "/d/1", "--run", "r1")
    found = _versions(bare)
    assert list(found.values()) == ["/d/2", "/d/1"]
    assert found[said["version"]] == "/d/1"
    assert said["commit"] == head(bare, "main")
    whole(one)


def test_two_pipelines_name_one_version_at_once(bare: Path) -> None:
    one, other = clone(bare, "one"), clone(bare, "other")
    named = ["register", "p/d", "v1", "--push"]
    _meanwhile(one, other, *named, "--path", "/d/2", "--run", "r2")
    done = servegen(one, *named, "--path", "/d/1", "--run", "r1")
    assert (done.returncode, done.stdout) == (2, "")
    assert "servegen: p/d v1 is already registered, by the run r2\n" in done.stderr
    assert _versions(bare) == {"v1": "/d/2"}
    assert head(one) == head(bare, "main")
    whole(one)


def test_what_a_person_wrote_into_the_file_is_not_taken_back(bare: Path) -> None:
    one, other = clone(bare, "one"), clone(bare, "other")
    _registered(one, "register", "p/d", "v0", "--path", "/d/0", "--push")
    _registered(other, *TODAY, "--path", "/d/9", "--run", "r9")
    assert servegen(one, "commit", "--push").returncode == 0
    text = (one / FILE).read_text("utf-8")
    write(one, {FILE: f"# mine\n{text}"})
    _meanwhile(one, other, *TODAY, "--path", "/d/2", "--run", "r2")
    done = servegen(one, *TODAY, "--path", "/d/1", "--run", "r1")
    assert done.returncode == 2
    assert "have conflicting changes" in done.stderr
    assert (one / FILE).read_text("utf-8").startswith("# mine\n")
    assert "/d/1" not in _versions(bare).values()


def test_a_remote_that_cannot_be_reached_changes_nothing(bare: Path) -> None:
    training = clone(bare, "training")
    bare.rename(bare.with_suffix(".away"))
    before = head(training)
    done = servegen(training, *TODAY, "--path", "/d/1", "--run", "r1")
    assert (done.returncode, done.stdout) == (3, "")
    assert head(training) == before
    assert git(training, "status", "--porcelain") == ""


def test_a_published_model_renders_and_validates(tmp_path: Path) -> None:
    write(tmp_path, {"services/platform.yaml": commandcases.PLATFORM})
    registered = ["register", "p/d", "v1", "--path", "pvc://d/1/", "--framework", "onnx", "--api", "triton-server"]
    for command in (registered, ["publish", "d", "v1", "--environment", "test"], ["render"], ["render", "--check"]):
        done = servegen(tmp_path, *command)
        assert done.returncode == 0, done.stderr
    assert servegen(tmp_path, "validate", "--engine", "embedded").stderr == ""
    resources = (tmp_path / "rendered/p/d/base/d-1/resources.yaml").read_text("utf-8")
    assert re.search(r"name: KUBEFLOW_MODEL_PATH\n +value: pvc://d/1/\n", resources)


def test_a_published_service_wins_against_a_rival_whose_clock_is_ahead(tmp_path: Path) -> None:
    ahead = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=2)
    claimant = "model: d\nversion: v1\ntype: triton-server\nhost: d.example.com\n"
    write(
        tmp_path,
        {
            "services/platform.yaml": commandcases.PLATFORM,
            "services/p/models/d.yaml": "versions:\n  v1: {path: pvc://d/1/}\n  v2: {path: pvc://d/2/}\n",
            "services/p/a/d-1.yaml": f"{claimant}environments:\n  test: {{released: {stamp(ahead)}}}\n",
        },
    )
    done = servegen(tmp_path, "publish", "d", "v2", "--environment", "test")
    assert (done.returncode, done.stderr) == (0, "")
    made = (tmp_path / "services/p/a/d-2.yaml").read_text("utf-8")
    assert f"released: {stamp(ahead + timedelta(seconds=1))}\n" in made

"""A revert gets one answer: from `git revert` and `commit --push`, from `servegen commit`, and from a pull request."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from tests.support.clones import clone, committed, filled_clone, git, head, service, write
from tests.support.command import servegen

FIRST: Final = "services/p/a/m-1.yaml"
SECOND: Final = "services/p/a/m-2.yaml"


def _two_versions(here: Path) -> None:
    write(here, {FIRST: service("1", host="m.example.com")})
    committed(here, "--push")
    write(here, {SECOND: service("2", host="m.example.com", day=2)})
    committed(here, "--push")


def _roll_back(here: Path) -> None:
    assert servegen(here, "rollback", "m.example.com", "prod").returncode == 0
    committed(here, "--push")


def _deploy_again(here: Path) -> None:
    assert servegen(here, "deploy", "m-1", "prod").returncode == 0
    committed(here, "--push")


def _undeploy(here: Path) -> None:
    assert servegen(here, "undeploy", "m-1", "prod").returncode == 0
    committed(here, "--push")


def _wait(here: Path) -> None:
    text = service("1", host="m.example.com").replace("{released", "{takeover: manual, released")
    write(here, {FIRST: text})
    committed(here, "--push")


# What a commit does, and who owns the host when that commit is reverted.
CHANGES: Final = {"roll-back": _roll_back, "release": _deploy_again, "removal": _undeploy, "manual takeover": _wait}


def _change(here: Path, name: str) -> None:
    _two_versions(here)
    CHANGES[name](here)


@pytest.fixture(params=CHANGES)
def here(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A clone with two versions of a service, the second of which owns the host, and a change of the first on top."""
    return filled_clone(tmp_path, _change, request.param)


def _second_owns(root: Path) -> bool:
    rows = [line.split() for line in servegen(root, "list", "services").stdout.splitlines()]
    return {row[0]: row[4] for row in rows if row[0] != "m-3" and row[3] == "prod"} == {
        "m-1": "superseded",
        "m-2": "owner",
    }


def test_a_pull_request_that_reverts_it_passes(here: Path) -> None:
    git(here, "switch", "-qc", "revert-it")
    git(here, "revert", "--no-edit", "HEAD")
    done = servegen(here, "validate", "--base", "origin/main")
    assert (done.returncode, done.stderr) == (0, "")
    for command in (["render", "--check"], ["verify", "--no-build"]):
        assert servegen(here, *command).returncode == 0
    assert _second_owns(here)


def test_a_revert_that_servegen_commits_passes(here: Path) -> None:
    git(here, "revert", "--no-commit", "HEAD")
    git(here, "revert", "--quit")
    committed(here, "--push")
    assert _second_owns(here)
    assert git(here, "status", "--porcelain") == ""


@pytest.mark.parametrize("race", [False, True], ids=["alone", "after a race"])
def test_a_revert_that_git_commits_is_pushed(here: Path, race: bool) -> None:
    bare = here.parent / "remote.git"
    if race:
        there = clone(bare, "there")
        write(there, {"services/p/b/m-3.yaml": service("3")})
        committed(there, "--push")
    git(here, "revert", "--no-edit", "HEAD")
    committed(here, "--push")
    assert head(bare) == head(here)
    assert _second_owns(here)
    assert servegen(here, "verify", "--no-build").returncode == 0


def test_a_commit_names_a_revert(tmp_path: Path) -> None:
    here = filled_clone(tmp_path, _change, "roll-back")
    assert git(here, "log", "-1", "--format=%s") == "deploy m-1 to prod"
    git(here, "revert", "--no-commit", "HEAD")
    git(here, "revert", "--quit")
    committed(here)
    assert git(here, "log", "-1", "--format=%s") == "revert m-1 in prod"


def test_an_old_stamp_that_was_never_released_is_an_error(tmp_path: Path) -> None:
    here = filled_clone(tmp_path, _two_versions)
    write(here, {"services/p/a/m-3.yaml": service("3", host="m.example.com")})
    write(here, {"services/p/a/m-3.yaml": service("3", host="m.example.com").replace("-01T10", "-01T11")})
    done = servegen(here, "commit")
    assert (done.returncode, "m-3 is deployed to the host m.example.com by this change, but" in done.stderr) == (
        1,
        True,
    )

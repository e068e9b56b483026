"""Several repositories of servegen in one work tree: a push merges and renders each one that its commits change."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

import pytest

from tests.support.clones import PLATFORM, clone, committed, git, head, identity, service, write
from tests.support.command import servegen
from tests.support.prepared import copy_prepared

ROUTES: Final = "rendered/p/{app}/overlays/prod/routes/routes.yaml"
NEW_DOMAIN: Final = PLATFORM.replace("example.com", "example.org")


@pytest.fixture(params=["teams/b", "deploy", ""], ids=["beside it", "elsewhere", "at the top"])
def other(request: pytest.FixtureRequest) -> str:
    """The folder of the second repository; the first one is teams/a."""
    return str(request.param)


@pytest.fixture
def bare(tmp_path: Path, other: str) -> Path:
    """A remote with two repositories of one service each."""
    copy_prepared(tmp_path, _fill_two, other)
    return tmp_path / "remote.git"


def _fill_two(top: Path, other: str) -> None:
    bare, first = top / "remote.git", top / "first"
    git(top, "init", "-q", "--bare", "-b", "main", str(bare))
    git(top, "init", "-q", "-b", "main", str(first))
    identity(first)
    for folder in (first / "teams/a", first / other):
        write(folder, {"services/platform.yaml": PLATFORM, "services/p/a/m-1.yaml": service("1")})
        committed(folder)
    git(first, "push", "-q", str(bare), "main")
    shutil.rmtree(first)


def test_each_repository_of_a_rebased_commit_is_rendered_again(bare: Path, other: str) -> None:
    here, there = clone(bare, "here"), clone(bare, "there")
    write(there / other, {"services/platform.yaml": NEW_DOMAIN})
    committed(there / other, "--push")
    write(here / other, {"services/p/b/m-2.yaml": service("2")})
    committed(here / other)
    write(here / "teams/a", {"services/p/c/m-3.yaml": service("3")})
    committed(here / "teams/a", "--push")
    assert head(bare) == head(here)
    assert git(here, "status", "--porcelain") == ""
    for folder in (here / "teams/a", here / other):
        assert servegen(folder, "verify", "--no-build").returncode == 0
        assert servegen(folder, "render", "--check").returncode == 0
    assert "m-2.example.org" in (here / other / ROUTES.format(app="b")).read_text()
    assert "m-3.example.com" in (here / "teams/a" / ROUTES.format(app="c")).read_text()


def test_specs_of_another_repository_are_merged_by_their_keys(bare: Path, other: str) -> None:
    here, there = clone(bare, "here"), clone(bare, "there")
    spec = "services/p/a/m-1.yaml"
    write(there / other, {spec: service("1", more="replicas: 2\n")})
    committed(there / other, "--push")
    write(here / other, {spec: service("1", more="labels: {team: b}\n")})
    committed(here / other)
    committed(here / "teams/a", "--push")
    merged = (here / other / spec).read_text()
    assert "replicas: 2\n" in merged
    assert "labels: {team: b}\n" in merged
    assert servegen(here / other, "verify", "--no-build").returncode == 0


def test_one_commit_in_two_repositories_renders_both(bare: Path, other: str) -> None:
    here, there = clone(bare, "here"), clone(bare, "there")
    write(there / other, {"services/platform.yaml": NEW_DOMAIN})
    committed(there / other, "--push")
    for folder in (here / other, here / "teams/a"):
        write(folder, {"services/p/b/m-2.yaml": service("2")})
        assert servegen(folder, "render").returncode == 0
    git(here, "add", "--all", "--", ":!*.servegen")
    git(here, "commit", "-qm", "both")
    committed(here / "teams/a", "--push")
    for folder in (here / other, here / "teams/a"):
        assert servegen(folder, "verify", "--no-build").returncode == 0


def test_errors_of_another_repository_refuse_the_push(bare: Path, other: str) -> None:
    here, there = clone(bare, "here"), clone(bare, "there")
    write(there / other, {"services/p/a/m-2.yaml": service("2", host="one.example.com", day=5)})
    committed(there / other, "--push")
    write(here / other, {"services/p/a/m-3.yaml": service("3", host="one.example.com", day=5)})
    committed(here / other)
    before = head(here), head(bare)
    done = servegen(here / "teams/a", "commit", "--push")
    assert done.returncode == 1
    way = {"teams/b": "../b/", "deploy": "../../deploy/", "": "../../"}[other]
    assert f"{way}services/p/a/m-3.yaml:6:20: error: " in done.stderr
    assert "    6 |   prod: {released: 2026-11-05T10:00:00Z}\n" in done.stderr
    assert "cannot be rebased onto origin/main: together they have these findings\n" in done.stderr
    assert (head(here), head(bare)) == before


@pytest.mark.parametrize("other", ["teams/b", "deploy"], indirect=True)  # the top is always there
def test_a_repository_that_is_not_checked_out_refuses_the_push(bare: Path, other: str) -> None:
    here, there = clone(bare, "here"), clone(bare, "there")
    write(there / other, {"services/platform.yaml": NEW_DOMAIN})
    committed(there / other, "--push")
    write(here / other, {"services/p/b/m-2.yaml": service("2")})
    committed(here / other)
    before = head(here), head(bare)
    git(here, "sparse-checkout", "set", "teams/a")
    done = servegen(here / "teams/a", "commit", "--push")
    assert (done.returncode, f" changes {other}/, which is not in this work tree\n" in done.stderr) == (2, True)
    assert (head(here), head(bare)) == before


def test_a_platform_file_of_an_example_is_no_repository(bare: Path, other: str) -> None:
    here, there = clone(bare, "here"), clone(bare, "there")
    write(there, {"note": "theirs"})
    git(there, "add", "note")
    git(there, "commit", "-qm", "note")
    git(there, "push", "-q")
    write(here, {"docs/example/services/platform.yaml": "nothing: here\n"})
    git(here, "add", "docs")
    git(here, "commit", "-qm", "example")
    committed(here / "teams/a", "--push")
    assert git(here, "ls-files", "docs") == "docs/example/services/platform.yaml"
    assert servegen(here / other, "verify", "--no-build").returncode == 0

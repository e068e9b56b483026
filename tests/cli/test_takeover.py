"""A takeover in two commits: the first only starts the new pods, the second switches the host."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import pytest
import yaml

from generator.core.programs.kustomize import build
from tests.support.clones import clone, committed, git, remote, service, write
from tests.support.command import servegen

if TYPE_CHECKING:
    from pathlib import Path

FILE: Final = "services/p/a/m-2.yaml"
SPEC: Final = (
    "model: m\nversion: v2\ntype: triton-server\ncommand: run\nhost: a.example.com   # as before\nreplicas: 2\n"
)
OVERLAY: Final = "rendered/p/a/overlays/prod"
STAMP: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A clone in which m-1 owns a host, and m-2 names the same host and is not released."""
    made = clone(remote(tmp_path), "here")
    write(made, {"services/p/a/m-1.yaml": service("1", host="a.example.com"), FILE: SPEC})
    committed(made)
    return made


def deploy(root: Path, *options: str) -> str:
    """Run `servegen deploy`, which must succeed, and return its output with times replaced."""
    done = servegen(root, "deploy", "m-2", "prod", *options)
    assert (done.returncode, done.stderr) == (0, "")
    return STAMP.sub("NOW", done.stdout)


def running(root: Path, kustomize: Path) -> list[str]:
    """The names of the Deployments that kustomize builds from the overlay."""
    return [tree["metadata"]["name"] for tree in build(root / OVERLAY, kustomize) if tree["kind"] == "Deployment"]


def destinations(root: Path) -> list[str]:
    """The services to which the routes of the host send requests."""
    text = (root / OVERLAY / "routes" / "routes.yaml").read_text(encoding="utf-8")
    trees: list[dict[str, Any]] = list(yaml.safe_load_all(text))
    found = (route for tree in trees for rule in tree["spec"]["http"] for route in rule.get("route", ()))
    return [route["destination"]["host"].split(".")[0] for route in found]


def changed(root: Path) -> list[str]:
    """The paths of the rendered files in the last commit."""
    return git(root, "show", "--name-only", "--format=", "HEAD", "--", "rendered").splitlines()


def test_two_commits(here: Path, kustomize: Path) -> None:
    assert (running(here, kustomize), destinations(here)) == (["m-1"], ["m-1"])

    assert deploy(here, "--manual") == (
        f"{FILE}: released in prod at NOW\n"
        "prod: m-2 starts as a waiting rival: its takeover from m-1 is manual\n"
        "prod: 1 service new\n"
        "next: servegen render\n"
    )
    text = (here / FILE).read_text(encoding="utf-8")
    assert STAMP.sub("NOW", text) == f"{SPEC}environments:\n  prod:\n    released: NOW\n    takeover: manual\n"
    committed(here)
    assert (running(here, kustomize), destinations(here)) == (["m-1", "m-2"], ["m-1"])
    assert [path for path in changed(here) if path.startswith(f"{OVERLAY}/routes/")] == []

    assert deploy(here) == (
        f"{FILE}: released in prod at NOW\n"
        "prod: m-2 takes over the host a.example.com from m-1\n"
        "prod: m-1 stops: m-2 was released later\n"
        "prod: 1 takeover, 1 change of routes\n"
        "next: servegen render\n"
    )
    text = (here / FILE).read_text(encoding="utf-8")
    assert STAMP.sub("NOW", text) == f"{SPEC}environments:\n  prod:\n    released: NOW\n"
    committed(here)
    assert (running(here, kustomize), destinations(here)) == (["m-2"], ["m-2"])


def test_to_wait_longer_is_a_newer_stamp(here: Path) -> None:
    deploy(here, "--manual")
    assert deploy(here, "--manual").splitlines()[1] == "no running service changes"


def test_a_dry_run_writes_nothing(here: Path) -> None:
    assert deploy(here, "--manual", "--dry-run").endswith("dry run: nothing was written\n")
    assert (here / FILE).read_text(encoding="utf-8") == SPEC

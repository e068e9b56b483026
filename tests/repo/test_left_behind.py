"""What a change leaves behind is said when it is judged and when it is committed."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from tests.support.clones import PLATFORM, clone, committed, git, remote, service, write
from tests.support.command import servegen

MOVED: Final = (
    "prod moves from the cluster main to second: what is on main of p/a/m-1 stays there and keeps running, "
    "and no delivery tool manages it any more"
)
LOST: Final = "no service has the host m-1.example.com any more: m-1 "
SECOND: Final = PLATFORM.replace(
    "environments:\n", "  second: {domain: example.com, gateways: managed}\nenvironments:\n"
).replace("prod: {cluster: main", "prod: {cluster: second")
# The objects are not what these tests are about.
VALIDATE: Final = ("validate", "--engine", "embedded", "--base", "origin/main")


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A clone with one service in prod."""
    return clone(remote(tmp_path), "here")


def _move(here: Path) -> str:
    write(here, {"services/platform.yaml": SECOND})
    return MOVED


def _rename(here: Path) -> str:
    git(here, "mv", "services/p/a/m-1.yaml", "services/p/a/n-1.yaml")
    return f"{LOST}was renamed to n-1"


def _other_host(here: Path) -> str:
    write(here, {"services/p/a/m-1.yaml": service("1", host="a.example.com")})
    return f"{LOST}has the host a.example.com now"


def _other_stage(here: Path) -> str:
    platform = PLATFORM.replace("  test: {cluster: main, stage: test}\n", "").replace("stage: prod", "stage: test")
    write(here, {"services/platform.yaml": platform})
    return f"{LOST}has the host test.m-1.example.com now"


def _other_namespace(here: Path) -> str:
    write(here, {"services/p/project.yaml": "environments: {prod: {namespace: p-live}}\n"})
    return (
        "p moves from the namespace p-prod to p-live in prod: claims and Secrets of p-prod are not in p-live, and its "
        "services in p-prod keep running, since no tool deletes them"
    )


def _other_tool(here: Path) -> str:
    delivery = "delivery: {tool: argocd, repository: https://git.example.com/x.git}\nclusters:"
    write(here, {"services/platform.yaml": PLATFORM.replace("clusters:", delivery)})
    assert "warning" not in committed(here, "--push")
    write(here, {"services/platform.yaml": PLATFORM.replace("clusters:", delivery.replace("argocd", "flux"))})
    return (
        "main is delivered by Flux instead of Argo CD: the Applications of servegen stay in argocd and sync the same "
        "services"
    )


@pytest.mark.parametrize("change", [_move, _rename, _other_host, _other_stage, _other_namespace, _other_tool])
def test_it_is_said_before_and_with_the_commit(change: object, here: Path) -> None:
    assert callable(change)
    message = change(here)
    done = servegen(here, *VALIDATE)
    assert (done.returncode, done.stderr.count(message)) == (0, 1), done.stderr
    assert f"warning: {message}\n  hint: " in committed(here, "--push")
    assert message not in servegen(here, *VALIDATE).stderr


def test_the_hint_keeps_the_host_of_a_renamed_service(here: Path) -> None:
    _rename(here)
    error = servegen(here, *VALIDATE).stderr
    line, file = error.partition("hint: write `")[2].partition("` in ")[::2]
    renamed = here / file.partition(",")[0]
    renamed.write_text(renamed.read_text() + f"{line}\n")
    assert "F17" not in servegen(here, *VALIDATE).stderr
    assert "warning" not in committed(here)
    assert "m-1.example.com" in servegen(here, "list", "services").stdout


def test_the_steps_of_the_manual_leave_nothing_behind(here: Path) -> None:
    both = SECOND.replace(
        "prod: {cluster: second", "prod-second: {cluster: second, stage: prod, requires: none}\n  prod: {cluster: main"
    )
    write(here, {"services/platform.yaml": both})
    assert servegen(here, "deploy", "m-1", "prod-second").returncode == 0
    assert "warning" not in committed(here)
    assert servegen(here, "undeploy", "m-1", "prod").returncode == 0
    assert "warning" not in committed(here)

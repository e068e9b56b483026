"""`servegen advance` as CI runs it: output as text and JSON, exit codes, and the Prometheus that it asks."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.support.clones import committed, git, head, write
from tests.support.command import servegen
from tests.support.rollouts import NEW, OWNER, WATCHED, newcomer, owner, rollout, spec
from tests.support.strange_server import data, strange_server

if TYPE_CHECKING:
    from pathlib import Path

STAMP: Final = re.compile(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def _vector(value: str) -> dict[str, Any]:
    return {"status": "success", "data": {"resultType": "vector", "result": [{"metric": {}, "value": [1, value]}]}}


def test_the_first_step_is_shown_and_then_pushed(tmp_path: Path) -> None:
    here = rollout(tmp_path)
    before = head(here)
    tried = servegen(here, "advance", "--dry-run")
    assert (tried.returncode, tried.stderr) == (0, "")
    assert tried.stdout == "m-2 in prod would get 5 % of a.example.com: the first step\n"
    assert (head(here), git(here, "status", "--porcelain")) == (before, "")

    done = servegen(here, "advance", "--push")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"m-2 in prod gets 5 % of a.example.com: the first step (commit {head(here)[:9]})\n"
    assert head(here, "HEAD~1") == before
    assert git(here, "ls-remote", "origin", "main").split()[0] == head(here)

    again = servegen(here, "advance", "--output", "json")
    assert (again.returncode, again.stderr) == (0, "")
    (row,) = json.loads(STAMP.sub("TIME", again.stdout))
    assert row == {
        "environment": "prod",
        "project": "p",
        "app": "a",
        "service": "m-2",
        "owner": "m-1",
        "host": "a.example.com",
        "action": "wait",
        "share_before": 5,
        "share": 5,
        "reason": "25 % is due at TIME",
        "commit": None,
        "error": None,
    }


def test_prometheus_decides(tmp_path: Path) -> None:
    here = rollout(tmp_path, WATCHED, share=5)
    with strange_server({"/prom/api/v1/query": data(_vector("0.002"))}) as server:
        prometheus = ("--prometheus", f"main={server.address}/prom")
        fine = servegen(here, "advance", "--dry-run", *prometheus)
    assert (fine.returncode, fine.stderr) == (0, "")
    assert STAMP.sub("TIME", fine.stdout) == (
        "m-2 in prod would get 25 % of a.example.com: 5 % for 1h, since TIME; 0.002 is < 0.01\n"
    )
    assert server.requests[0][0] == "/prom/api/v1/query?query=error_rate%7Bservice%3D%22m-2%22%7D"

    gone = servegen(here, "advance", *prometheus)
    assert gone.returncode == 3
    assert gone.stdout.startswith(
        f"m-2 in prod stands still at 5 % of a.example.com: Prometheus at {server.address}/prom does not answer: "
    )
    assert gone.stderr == "servegen: 1 of 1 rollouts cannot go on: see above\n"
    assert spec(here, OWNER) == owner("    split: m-2:5%\n")

    with strange_server({"": data(_vector("0.5"))}) as server:
        bad = servegen(here, "advance", "--prometheus", f"main={server.address}")
    assert (bad.returncode, bad.stderr) == (0, "")
    assert bad.stdout == (
        f"m-2 in prod gives a.example.com back to m-1: 0.5, expected < 0.01 (commit {head(here)[:9]})\n"
    )
    assert spec(here, OWNER) == owner()
    listed = servegen(here, "list", "services", "--output", "json")
    (row,) = (row for row in json.loads(listed.stdout) if row["service"] == "m-2" and row["environment"] == "prod")
    assert STAMP.sub("TIME", row["reason"]) == "its rollout was stopped: TIME at 5%: 0.5, expected < 0.01"


def test_a_step_with_errors_is_reported_and_not_made(tmp_path: Path) -> None:
    here = rollout(tmp_path)
    write(here, {NEW: newcomer().replace("command: run\n", "command: run\nports: 8001/grpc\n")})
    committed(here)
    before = head(here)
    done = servegen(here, "advance")
    assert done.returncode == 1
    assert done.stdout.startswith("m-2 in prod would get 5 % of a.example.com: the first step\n  failed: ")
    assert "[H06]" in done.stderr
    assert (head(here), git(here, "status", "--porcelain")) == (before, "")


def _hinted(root: Path) -> list[str]:
    """Return the commands that the hint about a canary that stands still names."""
    warned = servegen(root, "validate", "--engine", "embedded")
    (hint,) = (
        line for line in warned.stderr.splitlines() if line.startswith(("  hint: end it: ", "  hint: `servegen adv"))
    )
    return re.findall(r"`servegen ([^`]*)`", hint)


def test_the_hints_about_a_canary_that_stands_still_end_it(tmp_path: Path) -> None:
    here = rollout(tmp_path, share=5)
    for command in _hinted(here):
        assert servegen(here, *command.split()).returncode == 0, command
    assert spec(here, OWNER) == owner("    split: m-2:25%\n")

    write(here, {NEW: re.sub("rollout: .*", "takeover: manual", newcomer())})
    committed(here)
    promote, abort, undeploy = _hinted(here)
    assert servegen(here, *promote.split(), "--dry-run").returncode == 0
    assert [servegen(here, *command.split()).returncode for command in (abort, undeploy)] == [0, 0]
    assert spec(here, OWNER) == owner()

    write(here, {NEW: newcomer(more="    rollout_stopped: at 5%\n")})
    begin, undeploy = _hinted(here)
    for command in (undeploy, begin):
        assert servegen(here, *command.split(), "--dry-run").returncode == 0, command


def test_no_rollout(tmp_path: Path) -> None:
    here = rollout(tmp_path)
    write(here, {NEW: newcomer(more="    rollout_stopped: by hand\n").replace("11-02", "10-02")})
    committed(here)
    assert servegen(here, "advance").stdout == "no service has a rollout\n"
    assert servegen(here, "advance", "--output", "json").stdout == "[]\n"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--push", "--dry-run"), "--dry-run and --push contradict each other"),
        (("--branch", "main"), "--branch has no effect without --push"),
        (("--prometheus", "http://a"), "--prometheus: found http://a, expected a cluster and an address"),
        (("--prometheus", "other=http://a"), "--prometheus: found other=http://a, expected a cluster and an address"),
    ],
)
def test_options_that_cannot_work(tmp_path: Path, options: tuple[str, ...], message: str) -> None:
    done = servegen(rollout(tmp_path), "advance", *options)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"servegen: {message}\n  hint: ")

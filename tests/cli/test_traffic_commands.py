"""Command output about hosts: owners and reasons, lines for a hosts file, changes that a pull request would make."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from generator.core.programs.kustomize import build
from tests.support.command import servegen
from tests.support.grants import grant_everything
from tests.support.one_service import git
from tests.support.prepared import minimal

if TYPE_CHECKING:
    from pathlib import Path

OLD, NEW, NEWER = "2026-11-01T10:00:00Z", "2026-11-02T10:00:00Z", "2026-11-03T10:00:00Z"


def _spec(root: Path, number: int, released: str, keys: str = "host: a.example.com\n") -> None:
    file = root / f"services/p/a/m-{number}.yaml"
    file.parent.mkdir(parents=True, exist_ok=True)
    text = (
        f"model: m\nversion: v{number}\ntype: triton-server\n{keys}"
        f"environments:\n  prod:\n    released: {released}\ncommand: run\n"
    )
    file.write_text(text, encoding="utf-8")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A servegen repository in a folder of a Git repository, with one committed service."""
    root = tmp_path / "models"
    root.mkdir()
    minimal(root)
    platform = root / "services" / "platform.yaml"
    text = platform.read_text(encoding="utf-8")
    text = text.replace("    stage: prod\n", "    stage: prod\n    requires: none\n")
    platform.write_text(grant_everything(text), encoding="utf-8")
    _spec(root, 1, NEW)
    git(tmp_path, "init", "-q", "-b", "main")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "one")
    return root


def test_a_stamp_that_is_new_must_win(repository: Path) -> None:
    _spec(repository, 2, OLD)
    assert servegen(repository, "validate").returncode == 0
    done = servegen(repository, "validate", "--base", "HEAD")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "services/p/a/m-2.yaml:7:15: error: m-2 is deployed to the host a.example.com by this change, "
        "but m-1 was released later and keeps it [H02]\n"
        f"    7 |     released: {OLD}\n"
        "      |               ^\n"
        "  also: services/p/a/m-1.yaml:7:15\n"
        "  hint: its `released` is older than the owner's: run `servegen deploy m-2 prod` for a new time, "
        "with which it gets the host\n"
        "\n"
        "1 error\n"
    )
    _spec(repository, 2, NEWER)
    assert servegen(repository, "validate", "--base", "HEAD").returncode == 0


def test_a_stamp_in_the_future_is_refused(repository: Path) -> None:
    _spec(repository, 1, "2999-01-01T00:00:00Z")
    done = servegen(repository, "render")
    assert done.returncode == 1
    assert "m-1 is released in the future: 2999-01-01T00:00:00+00:00 [H02]" in done.stderr


@pytest.mark.parametrize("revision", ["nobody", "HEAD~5", "HEAD@{99}", "--all", "0" * 40])
def test_a_base_that_is_no_revision(repository: Path, revision: str) -> None:
    done = servegen(repository, "validate", "--base", revision)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f"servegen: {revision} is not a revision of this repository\n"
        "  hint: use a commit, a branch or a tag; in CI, fetch the target branch and its history first\n"
    )


def test_a_base_without_specs_and_a_folder_without_git(
    repository: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    git(repository, "checkout", "-q", "--orphan", "empty")
    git(repository, "rm", "-rfq", "--cached", ".")
    git(repository, "commit", "-qm", "nothing", "--allow-empty")
    assert servegen(repository, "validate", "--base", "HEAD").returncode == 0
    alone = tmp_path_factory.mktemp("alone")
    minimal(alone)
    done = servegen(alone, "validate", "--base", "HEAD")
    assert (done.returncode, done.stdout) == (2, "")
    assert "is not in a Git repository, so it has no revision HEAD" in done.stderr


def test_the_list_shows_the_owner_of_each_host_with_the_reason(repository: Path) -> None:
    _spec(repository, 2, OLD)
    _spec(repository, 3, NEWER, "host: a.example.com\nsplit: m-1:20%\nmirror: m-1:10%\n")
    _spec(repository, 4, OLD, "")
    rows = json.loads(servegen(repository, "list", "services", "--output", "json").stdout)
    assert {row["service"]: (row["state"], row["host"], row["reason"]) for row in rows} == {
        "m-1": ("target", "a.example.com", "named by mirror and split of m-3"),
        "m-2": ("superseded", "a.example.com", "m-3 was released later"),
        "m-3": ("owner", "a.example.com", "released last of 3"),
        "m-4": ("owner", "m-4.service.example.com", None),
    }


def test_lines_for_a_hosts_file(repository: Path) -> None:
    _spec(repository, 2, NEWER, "ports: 8000,8002\n")
    done = servegen(repository, "hosts", "--environment", "prod", "--address", "192.0.2.10")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        "# hosts of prod on the cluster main; as a DNS record: *.service.example.com A 192.0.2.10\n"
        "# and one record for each of: a.example.com\n"
        "192.0.2.10 a.example.com\n"
        "192.0.2.10 m-2.service.example.com\n"
    )
    done = servegen(repository, "hosts", "--environment", "test", "--address", "2001:DB8::1")
    assert (
        done.stdout == "# hosts of test on the cluster main; as a DNS record: *.service.example.com AAAA 2001:db8::1\n"
    )


@pytest.mark.parametrize(
    ("environment", "address", "said"),
    [
        ("pord", "192.0.2.10", 'servegen: there is no environment pord\n  hint: did you mean "prod"?\n'),
        ("prod", "192.0.2", "Error: Invalid value for '--address': \"192.0.2\" is not an IP address\n"),
    ],
)
def test_usage_mistakes_of_hosts(repository: Path, environment: str, address: str, said: str) -> None:
    done = servegen(repository, "hosts", "--environment", environment, "--address", address)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.endswith(said)


_URL = "host: http://a.example.com/"


def test_two_paths_of_one_host_are_no_takeover_and_the_hint_gives_both_requests(
    repository: Path, kustomize: Path
) -> None:
    _spec(repository, 1, OLD, f"{_URL}one\n")
    _spec(repository, 2, NEW, f"{_URL}two\n")
    done = servegen(repository, "render")
    assert done.returncode == 1
    assert done.stderr == (
        "services/p/a/m-1.yaml:4:7: error: m-1 and m-2 have the host a.example.com with different paths, /one and "
        "/two: only one of them gets requests (in prod) [H18]\n"
        "    4 | host: http://a.example.com/one\n"
        "      |       ^\n"
        "  also: services/p/a/m-2.yaml:4:7\n"
        "  hint: add `path: /one` to m-1: it then gets only the requests below that path; or, if m-2 replaces m-1, "
        "write the same `host` in both\n"
        "\n"
        "1 error\n"
    )
    _spec(repository, 1, OLD, f"{_URL}one\npath: /one\n")
    assert servegen(repository, "render").returncode == 0
    built = build(repository / "rendered/p/a/overlays/prod", kustomize)
    (route,) = (entry for entry in built if entry["kind"] == "VirtualService")
    assert [(rule["name"], rule.get("match")) for rule in route["spec"]["http"]] == [
        ("default /one", [{"uri": {"exact": "/one"}}, {"uri": {"prefix": "/one/"}}]),
        ("open", [{"uri": {"exact": "/"}, "method": {"exact": "GET"}}]),
        ("default", None),
    ]


def test_each_path_of_a_host_is_taken_over_and_given_back_for_itself(repository: Path) -> None:
    for number, released, path in ((1, OLD, "/x"), (2, NEW, "/x"), (3, OLD, "/y")):
        _spec(repository, number, released, f"host: a.example.com\npath: {path}\n")
    listed = json.loads(servegen(repository, "list", "services", "--output", "json").stdout)
    assert [(row["host"], row["state"]) for row in listed] == [
        ("a.example.com/x", "superseded"),
        ("a.example.com/x", "owner"),
        ("a.example.com/y", "owner"),
    ]
    hosts = servegen(repository, "hosts", "--environment", "prod", "--address", "192.0.2.1").stdout
    assert hosts.splitlines()[-1:] == ["192.0.2.1 a.example.com"]
    assert hosts.count("192.0.2.1 a.example.com") == 1
    unclear = servegen(repository, "rollback", "a.example.com", "prod")
    assert unclear.returncode == 2
    assert unclear.stderr.endswith("  hint: name one of a.example.com/x, a.example.com/y\n")
    done = servegen(repository, "rollback", "A.example.com/x", "prod")
    assert (done.returncode, done.stderr) == (0, "")
    assert "prod: m-1 takes over the host a.example.com/x from m-2" in done.stdout
    listed = json.loads(servegen(repository, "list", "services", "--output", "json").stdout)
    assert [row["state"] for row in listed] == ["owner", "superseded", "owner"]

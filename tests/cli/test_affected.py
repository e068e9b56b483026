"""`servegen affected` in real Git: what it compares, and what it prints."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema_rs
import pytest

from tests.conftest import ROOT
from tests.review.edits import FLEET, OTHER, PLATFORM, TWO
from tests.support.clones import git, identity, write
from tests.support.command import servegen
from tests.support.prepared import copy_prepared


def _fill(root: Path) -> None:
    git(root, "init", "-q", "-b", "main")
    identity(root)
    write(root, dict(FLEET))
    git(root, "add", "-A")
    git(root, "commit", "-qm", "first")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with one commit."""
    here = tmp_path / "here"
    here.mkdir()
    copy_prepared(here, _fill)
    return here


def test_the_services_of_a_branch_are_listed_with_the_reason(root: Path) -> None:
    start = git(root, "rev-parse", "--short=9", "HEAD")
    git(root, "switch", "-qc", "topic")
    write(root, {TWO: FLEET[TWO].replace("LEVEL: high", "LEVEL: higher")})
    write(root, {OTHER: FLEET[OTHER].replace("command: run", "command: run  # as before")})
    git(root, "commit", "-qam", "change")
    expected = (
        f"the merge base with main ({start}) compared with the work tree\n"
        "p/a/m-1 (test, prod, findings only): the app p/a, as p/a/m-2\n"
        f"p/a/m-2 (prod): {TWO}\n"
        f"p/b/n-1 (prod, far, findings only): {OTHER}\n"
    )
    for since in ("main...", "main"):
        done = servegen(root, "affected", "--since", since)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.partition("\n")[2] == expected.partition("\n")[2]
    assert servegen(root, "affected").stdout == expected
    write(root, dict(FLEET))
    assert servegen(root, "affected", "--since", "main").stdout.splitlines()[1:] == ["no service is affected"]


def test_json_is_what_the_schema_says(root: Path) -> None:
    schema = json.loads((ROOT / "docs" / "affected.schema.json").read_text(encoding="utf-8"))
    closed = json.dumps(schema).replace('"type": "object", "required"', '"unevaluatedProperties": false, "required"')
    write(root, {PLATFORM: FLEET[PLATFORM].replace("LEVEL: low", "LEVEL: lower")})
    write(root, {TWO: FLEET[TWO].replace("v2", "v1")})
    found = json.loads(servegen(root, "affected", "--output", "json").stdout)
    validator = jsonschema_rs.validator_for(json.loads(closed))
    assert [str(error) for error in validator.iter_errors(found)] == []
    assert [(one["service"], one["objects"]) for one in found["services"]] == [
        *(("m-1", True), ("m-2", True), ("n-1", True), ("k-1", True))
    ]


def test_errors_in_the_specs_are_reported(root: Path) -> None:
    write(root, {TWO: FLEET[TWO].replace("type: triton-server", "tipe: triton-server")})
    done = servegen(root, "affected")
    assert done.returncode == 1
    assert f"{TWO}:3:1" in done.stderr
    assert "servegen: the specs of the work tree have errors" in done.stderr
    done = servegen(root, "affected", "--since", "nowhere")
    assert (done.returncode, "nowhere is not a revision" in done.stderr) == (2, True)

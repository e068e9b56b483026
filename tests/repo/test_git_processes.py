"""How many git processes a command starts: each one takes some milliseconds."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.support.clones import clone, git, remote, service, write
from tests.support.command import servegen

# A push that is rebased once, onto a commit that changed another file.
REBASED = 35
SPEC = "services/p/a/m-1.yaml"
# The commands in the order in which they run, each after a change of the spec, and the most processes they may start.
BOUNDS = {
    "commit": 12,
    "commit --push": 20,
    "hydrate": 28,
    "hydrate --push": 29,
    "verify --no-build": 7,
    "diff HEAD~1": 6,
    "validate --engine embedded --base HEAD~1": 8,
    "undeploy m-1 prod": 0,
    "render": 0,
    "list services": 0,
    "site": 9,
}


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file that gets a line for each git that is found on PATH."""
    real, folder, lines = shutil.which("git"), tmp_path / "bin", tmp_path / "log"
    folder.mkdir()
    program = folder / "git"
    program.write_text(f'#!/bin/sh\necho "$1 $2 $3 $4 $5" >> {lines}\nexec {real} "$@"\n', "utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)
    return lines


def test_a_command_starts_few_git_processes(tmp_path: Path, log: Path) -> None:
    here = clone(remote(tmp_path), "here")
    write(here, {"docs/link": "a path with the name of an extension of the index"})
    git(here, "add", "docs")
    counted = {}
    for number, command in enumerate(BOUNDS):
        write(here, {SPEC: service("1", more=f"replicas: {number + 1}\n")})
        log.write_text("", "utf-8")
        done = servegen(here, *command.split())
        assert done.returncode == 0, (command, done.stderr)
        counted[command] = log.read_text("utf-8").splitlines()
    assert {command: lines for command, lines in counted.items() if len(lines) > BOUNDS[command]} == {}
    assert counted["commit"] != []


def test_an_attempt_after_a_lost_race_starts_few_git_processes(tmp_path: Path, log: Path) -> None:
    bare = remote(tmp_path)
    here, there = clone(bare, "here"), clone(bare, "there")
    write(there, {"services/p/b/m-2.yaml": service("2")})
    write(here, {"services/p/c/m-3.yaml": service("3")})
    for root in (there, here):
        log.write_text("", "utf-8")
        done = servegen(root, "commit", "--push")
        assert done.returncode == 0, done.stderr
    lines = log.read_text("utf-8").splitlines()
    assert sum(" rev-list " in f" {line} " for line in lines) == 1, "the push was not rebased"
    assert len(lines) <= REBASED, lines

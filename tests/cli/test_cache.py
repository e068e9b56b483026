"""The cache from outside: what commands print with it and without it, and what `doctor` says of it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from generator.repo.cache.choice import NO_CACHE
from tests.conftest import ROOT
from tests.support.cache import use_cache
from tests.support.clones import git, repository, service, write
from tests.support.command import servegen

CHECK = ("render", "--check")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository whose service has changed since it was rendered."""
    root = repository(tmp_path / "here", service("1"))
    write(root, {"services/p/a/m-1.yaml": service("1", more="config: {labels.txt: cat}\n")})
    return root


@pytest.fixture
def results(tmp_path: Path) -> Iterator[Path]:
    """The folder with the results of earlier runs, which is not there yet."""
    with use_cache(tmp_path / "cache") as folder:
        yield folder


def test_the_same_output_with_and_without_it(root: Path, results: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without = servegen(root, *CHECK, "--no-cache")
    with monkeypatch.context() as only:
        only.setenv(NO_CACHE, "1")
        servegen(root, *CHECK)
    assert not results.exists()
    entries = []
    for _ in range(2):
        done = servegen(root, *CHECK)
        assert (done.returncode, done.stdout, done.stderr) == (4, without.stdout, without.stderr)
        entries.append({entry.name for entry in results.iterdir()})
    assert len(entries[1] - entries[0]) <= 1  # the digest of servegen itself, once none of its files is new


def test_each_process_finds_the_results_of_others(root: Path, results: Path) -> None:
    """Python's hashes, and so the order of sets, differ from process to process."""
    command = [sys.executable, "-m", "generator", "-C", str(root), "render", "--check"]
    entries = []
    for seed in "2216":
        done = subprocess.run(
            command, cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=False
        )
        assert done.returncode == 4
        entries.append({entry.name for entry in results.iterdir()})
    assert entries[1] == entries[2] == entries[3]


def test_a_render_says_the_same_while_nothing_changes(root: Path, results: Path) -> None:
    """What it said is kept by a process that began some time after the last change."""
    write(root, {"services/p/a/m-1.yaml": service("1", more="env: {A: null}\n")})
    assert "[M01]" in _said(servegen(root, "render"))[1]
    without = _said(servegen(root, "render", "--no-cache"))
    command = [sys.executable, "-m", "generator", "-C", str(root), "render"]
    process = partial(subprocess.run, command, cwd=ROOT, capture_output=True, text=True, check=True)
    entries = len(list(results.iterdir()))
    runs = {_said(process()) for _ in range(1000) if len(list(results.iterdir())) == entries}
    assert runs == {without}
    for more in ([], ["--check"], ["--dry-run"], ["--output", "json"]):
        assert _said(servegen(root, "render", *more)) == _said(servegen(root, "render", *more, "--no-cache"))
    (root / "services/p/a/m-1.yaml").unlink()
    assert "0 updated, 6 deleted" in servegen(root, "render").stdout


def _said(done: subprocess.CompletedProcess[str]) -> tuple[str, str]:
    """Return both outputs of a command, without the time that it took."""
    return re.sub(r"in [0-9.]+ s", "", done.stdout), done.stderr


def test_commands_that_read_say_the_same_with_what_others_have_found_out(
    root: Path, results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A diff reads only the specs near the change, once a diff has read all of them, and no check runs for a fleet that
    was checked before.
    """
    write(root, {f"services/p/b/n-{number}.yaml": service("1") for number in range(66)})
    git(root, "add", "services")
    git(root, "commit", "--quiet", "--message", "many")
    said, more = "", service("2", more="config: {a.txt: cat}\nenv: {A: null}\n")
    for spec in (more, service("1", host="n-7.example.com", day=3), "model: 1\n"):
        write(root, {"services/p/a/m-1.yaml": spec})
        for command in (
            ["diff"],
            ["list", "services"],
            *([["commit", "--dry-run", "-m", "x"]] if spec == more else []),
        ):
            with monkeypatch.context() as only:
                only.setenv(NO_CACHE, "1")
                without = _outcome(root, command)
            assert [_outcome(root, command) for _ in range(2)] == [without] * 2
            said += without[1] + without[2]
    assert results.exists()
    assert "host n-7.example.com: goes from p/b/n-7 to p/a/m-1" in said
    assert "the specs of the work tree have errors" in said
    assert "[M01]" in said


def _outcome(root: Path, command: list[str]) -> tuple[int, str, str]:
    done = servegen(root, *command)
    return done.returncode, done.stdout, done.stderr


def test_doctor_measures_and_empties_it(root: Path, results: Path) -> None:
    servegen(root, *CHECK)
    servegen(root, "doctor")
    sizes = [entry.stat().st_size for entry in results.iterdir()]
    megabytes = f"{sum(sizes) / 10**6:.1f} MB"
    assert f"  {len(sizes)} files, {megabytes}, in {results}; " in servegen(root, "doctor").stdout
    found = json.loads(servegen(root, "doctor", "--output", "json").stdout)["cache"]
    assert found == {"folder": str(results), "files": len(sizes), "bytes": sum(sizes), "problem": ""}
    assert servegen(root, "doctor", "--clear-cache").stdout == f"deleted {len(sizes)} files, {megabytes}\n"
    assert list(results.iterdir()) == []


def test_doctor_says_why_it_is_not_used(root: Path, results: Path) -> None:
    results.mkdir(parents=True)
    results.chmod(0o770)
    assert f"  not used: {results} can be written by other users: " in servegen(root, "doctor").stdout
    done = servegen(root, "doctor", "--clear-cache")
    assert (done.returncode, done.stdout) == (3, "")
    assert f"chmod go-w {results}" in done.stderr
    with use_cache(root / ".cache") as inside:
        assert "  not used: the repository controls " in servegen(root, "doctor").stdout
        servegen(root, *CHECK)
        assert not inside.exists()

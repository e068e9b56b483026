"""The cache from outside: what commands print with it and without it, and what `doctor` says of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from generator.repo.cache.choice import NO_CACHE
from tests.support.cache import use_cache
from tests.support.clones import repository, service, write
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
    for _ in range(2):
        done = servegen(root, *CHECK)
        assert (done.returncode, done.stdout, done.stderr) == (4, without.stdout, without.stderr)
        assert len(list(results.iterdir())) == 1


def test_doctor_measures_and_empties_it(root: Path, results: Path) -> None:
    assert f"  0 files, 0.0 MB, in {results}; " in servegen(root, "doctor").stdout
    servegen(root, *CHECK)
    (entry,) = results.iterdir()
    size = entry.stat().st_size
    found = json.loads(servegen(root, "doctor", "--output", "json").stdout)["cache"]
    assert found == {"folder": str(results), "files": 1, "bytes": size, "problem": ""}
    assert servegen(root, "doctor", "--clear-cache").stdout == f"deleted 1 file, {size / 10**6:.1f} MB\n"
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

"""Each folder of cases/invalid is a repository with errors; expected.txt is the full output of `servegen render`.

A case without a platform file gets the one that `servegen init` writes, with all grants. To add a case, add a folder.
To rewrite expected.txt for review: `pytest tests/test_invalid.py --rewrite`.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.support.command import servegen
from tests.support.grants import grant_everything

CASES = sorted(path for path in (ROOT / "tests" / "cases" / "invalid").iterdir() if path.is_dir())


def _files(folder: Path) -> dict[str, bytes]:
    """All files except those in .servegen."""
    paths = (path for path in folder.rglob("*") if path.is_file() and ".servegen" not in path.parts)
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_mistake_is_reported_with_its_place_and_nothing_is_written(
    case: Path, tmp_path: Path, rewrite: bool
) -> None:
    shutil.copytree(case, tmp_path, dirs_exist_ok=True)
    platform = tmp_path / "services" / "platform.yaml"
    if not platform.exists():
        initial = (ROOT / "templates" / "init" / "platform.yaml").read_text(encoding="utf-8")
        platform.write_text(grant_everything(initial), encoding="utf-8")
    before = _files(tmp_path)
    done = servegen(tmp_path, "render")
    if rewrite:
        (case / "expected.txt").write_text(done.stderr, encoding="utf-8")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (case / "expected.txt").read_text(encoding="utf-8")
    assert _files(tmp_path) == before
    for line in done.stderr.splitlines():
        assert not line.startswith("Traceback")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_mistake_comes_with_a_hint(case: Path) -> None:
    blocks = (case / "expected.txt").read_text(encoding="utf-8").split("\n\n")[:-1]
    assert [block for block in blocks if "  hint: " not in block] == []

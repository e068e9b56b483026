"""The record of a move that was killed; tests/repo/test_crash.py kills real moves."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.clones import clone, head, remote, whole
from tests.support.command import servegen


@pytest.mark.parametrize("commit", ["", "0123", "0" * 40])
def test_a_record_of_a_commit_that_does_not_exist_is_dropped(commit: str, tmp_path: Path) -> None:
    here = clone(remote(tmp_path), "here")
    (here / ".servegen").mkdir()
    note = here / ".servegen" / "move"
    note.write_text(f"{head(here)} {commit}", encoding="utf-8")
    done = servegen(here, "render")
    assert (done.returncode, done.stderr) == (0, "")
    assert not note.exists()
    whole(here)

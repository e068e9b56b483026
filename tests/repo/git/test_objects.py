"""The spec files of a revision, read from a real repository."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.core.errors import ToolError
from generator.core.programs.git import Git
from generator.repo.git.objects import object_name, specs
from tests.support.clones import git, write


@pytest.mark.parametrize("form", ["sha1", "sha256"])
def test_a_likely_content_is_not_read_and_another_one_changes_nothing(form: str, tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", f"--object-format={form}")
    files = {"services/a.yaml": "a: 1\n", "services/b.yaml": "b: 2\n"}
    write(tmp_path, files)
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "specs")
    found = {path: text.encode() for path, text in files.items()}
    assert specs(Git(tmp_path), "HEAD", likely=[b"b: 3\n", b"b: 2\r\n"]) == found

    name = object_name(b"b: 2\n", len(git(tmp_path, "rev-parse", "HEAD").strip()))
    (tmp_path / ".git" / "objects" / name[:2] / name[2:]).unlink()
    assert specs(Git(tmp_path), "HEAD", likely=found.values()) == found
    with pytest.raises(ToolError):
        specs(Git(tmp_path), "HEAD")

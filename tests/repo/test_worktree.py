"""No file of a user is lost, stale files are deleted, and a second run changes no byte."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.command import servegen
from tests.support.one_service import RESOURCES, SPEC, TEXT, files, git
from tests.support.prepared import minimal


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A rendered repository with one service."""
    minimal(tmp_path)
    (tmp_path / SPEC).parent.mkdir(parents=True)
    (tmp_path / SPEC).write_text(TEXT, encoding="utf-8")
    assert servegen(tmp_path, "render").returncode == 0
    return tmp_path


def test_a_second_run_changes_no_byte_and_no_time(repository: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in (repository / "rendered").rglob("*")}
    done = servegen(repository, "render")
    assert "0 created, 0 updated, 0 deleted" in done.stdout
    assert {path: path.stat().st_mtime_ns for path in (repository / "rendered").rglob("*")} == before


def test_after_any_edit_the_tree_equals_a_clean_render(
    repository: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    (repository / SPEC).write_text(
        TEXT.replace("  a.txt: hello", "  b.txt: there").replace("  prod:\n", ""), encoding="utf-8"
    )
    assert servegen(repository, "render").returncode == 0
    clean = tmp_path_factory.mktemp("clean")
    (clean / SPEC).parent.mkdir(parents=True)
    for name in (SPEC, "services/platform.yaml"):
        (clean / name).write_bytes((repository / name).read_bytes())
    assert servegen(clean, "render").returncode == 0
    assert files(repository) == files(clean)
    assert not (repository / "rendered" / "vision" / "resnet50" / "overlays" / "prod").exists()


def test_a_file_changed_by_hand_is_kept_until_forced(repository: Path) -> None:
    (repository / RESOURCES).write_text("mine\n", encoding="utf-8")
    (repository / "rendered" / "notes.txt").write_text("mine too\n", encoding="utf-8")
    before = files(repository)
    done = servegen(repository, "render")
    assert done.returncode == 1
    assert [line.split(":")[0] for line in done.stderr.splitlines() if "[F05]" in line] == [
        "rendered/notes.txt",
        RESOURCES,
    ]
    assert files(repository) == before
    assert servegen(repository, "render", "--force").returncode == 0
    assert files(repository).keys() == before.keys() - {"rendered/notes.txt"}


def test_what_git_has_may_be_overwritten_without_any_note_of_ours(repository: Path) -> None:
    git(repository, "init", "-q")
    git(repository, "add", "--all")
    git(repository, "commit", "-qm", "first")
    (repository / ".servegen" / "written").unlink()
    (repository / SPEC).write_text(TEXT.replace("hello", "there"), encoding="utf-8")
    done = servegen(repository, "render")
    assert (done.returncode, done.stderr) == (0, "")
    assert "0 created, 1 updated, 0 deleted" in done.stdout


def test_check_writes_nothing_and_lists_what_would_change(repository: Path) -> None:
    (repository / SPEC).write_text(TEXT.replace("hello", "there"), encoding="utf-8")
    before = files(repository)
    done = servegen(repository, "render", "--check")
    assert done.returncode == 4
    assert done.stderr == (
        "servegen: rendered/ is out of date\n"
        "  would update  rendered/vision/resnet50/base/resnet50-1/config/a.txt\n"
        "  hint: run `servegen render` and commit\n"
    )
    assert files(repository) == before


def test_a_run_that_was_killed_is_continued(repository: Path) -> None:
    """Files that an interrupted run wrote are recognised as generated, even after the specs have changed."""
    (repository / RESOURCES).unlink()
    (repository / SPEC).write_text(TEXT.replace("hello", "there"), encoding="utf-8")
    done = servegen(repository, "render")
    assert (done.returncode, done.stderr) == (0, "")
    assert servegen(repository, "render", "--check").returncode == 0


def test_a_config_file_may_be_hidden(repository: Path) -> None:
    (repository / SPEC).write_text(TEXT.replace("a.txt", ".env"), encoding="utf-8")
    file = repository / "rendered" / "vision" / "resnet50" / "base" / "resnet50-1" / "config" / ".env"
    assert servegen(repository, "render").returncode == 0
    assert file.read_text(encoding="utf-8") == "hello"
    assert servegen(repository, "render", "--check").returncode == 0
    (repository / SPEC).write_text(TEXT, encoding="utf-8")
    assert servegen(repository, "render").returncode == 0
    assert not file.exists()


def test_a_hidden_file_is_not_ours(repository: Path) -> None:
    (repository / "rendered" / ".keep").write_text("", encoding="utf-8")
    assert servegen(repository, "render").returncode == 0
    assert (repository / "rendered" / ".keep").exists()


def test_the_beginning_of_what_replaces_it_is_nothing_to_lose(repository: Path) -> None:
    """The state after a run that was killed, or had no space left, while it wrote a new file."""
    whole = (repository / RESOURCES).read_bytes()
    for part in (b"", whole[:4096], whole[:-1]):
        (repository / RESOURCES).write_bytes(part)
        done = servegen(repository, "render")
        assert (done.returncode, done.stderr) == (0, "")
        assert (repository / RESOURCES).read_bytes() == whole

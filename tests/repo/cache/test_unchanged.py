"""What a render said is forgotten as soon as anything differs that it read or compared."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest

from generator.core.finding import Finding, Position
from generator.repo.cache.unchanged import Said, recall, remember
from tests.repo.cache.unseen_edit import edit_unseen
from tests.support.cache import use_cache
from tests.support.clones import git, repository, service

SAID: Final = Said(
    "1 service in 2 environments: 3 objects, 4 files",
    (Finding("H13", "found x", Position("services/platform.yaml", 2, 3)),),
)
NOW: Final = datetime(2026, 11, 5, 10, tzinfo=UTC)
LATER: Final = NOW + timedelta(hours=1)
SPEC: Final = "services/p/a/m-1.yaml"
RENDERED: Final = "rendered/p/a/base/m-1/resources.yaml"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A rendered and committed repository, of which a render has been remembered."""
    root = repository(tmp_path / "here", service("1"))
    _remember(root)
    assert recall(root, NOW) == SAID
    return root


@pytest.fixture(autouse=True)
def cache(tmp_path: Path) -> object:
    with use_cache(tmp_path / "cache") as folder:
        yield folder


def _remember(root: Path, age: float = 10) -> None:
    """Remember a render by a process that begins that many seconds from now."""
    remember(root, SAID, NOW, LATER, started=time.time() + age)


def _link(path: Path) -> None:
    path.rename(path.with_name("other"))
    path.symlink_to("other")


@pytest.mark.parametrize("name", [SPEC, RENDERED])
@pytest.mark.parametrize(
    "change",
    [
        edit_unseen,
        Path.unlink,
        _link,
        lambda path: path.chmod(0o755),
        lambda path: path.with_name(".new").touch(),
        lambda path: path.with_name("new").mkdir(),
        lambda path: path.rename(path.with_name("m-2.yaml")),
        lambda path: shutil.rmtree(path.parent.parent),
    ],
    ids=["edit", "delete", "link", "mode", "hidden", "folder", "rename", "delete folder"],
)
def test_a_change_of_a_file_is_seen(root: Path, name: str, change: Callable[[Path], None]) -> None:
    change(root / name)
    assert recall(root, NOW) is None


def test_templates_that_are_new_are_seen(root: Path) -> None:
    (root / "templates").mkdir()
    assert recall(root, NOW) is None


def test_what_git_ignores_or_has_too_much_of_is_seen(root: Path) -> None:
    """F19 and F11: the three folders are what they were."""
    (root / ".servegen" / "link").symlink_to("nothing")
    assert recall(root, NOW) is None
    (root / ".servegen" / "link").unlink()
    assert recall(root, NOW) == SAID
    git(root, "rm", "-q", "--cached", SPEC)
    (root / ".gitignore").write_text("m-1.yaml\n", "utf-8")
    assert recall(root, NOW) is None


def test_time_is_seen(root: Path) -> None:
    second = timedelta(seconds=1)
    assert [recall(root, when) for when in (NOW - second, NOW, LATER - second, LATER)] == [None, SAID, SAID, None]


def test_a_file_that_was_just_changed_is_not_trusted(root: Path) -> None:
    (root / SPEC).touch()
    _remember(root, age=0)
    assert recall(root, NOW) is None
    _remember(root)
    assert recall(root, NOW) == SAID


def test_each_work_tree_has_its_own(root: Path, tmp_path: Path) -> None:
    shutil.copytree(root, tmp_path / "copy", symlinks=True)
    assert recall(tmp_path / "copy", NOW) is None
    root.rename(tmp_path / "moved")
    assert recall(tmp_path / "moved", NOW) is None

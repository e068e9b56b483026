"""The record of a render is good while rendered/ has the same files with the same contents, and no longer."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest
from msgspec.structs import replace

from generator.core.finding import Finding, Position
from generator.repo.cache.last_render import (
    LastRender,
    RenderMemory,
    ValidTime,
    forget_states,
    render_memory,
    rendered_states,
)
from generator.repo.repository import template_loader
from generator.repo.worktree import content_name
from tests.repo.cache.unseen_edit import edit_unseen
from tests.support.cache import use_cache
from tests.support.clones import repository, service, write

NOW: Final = datetime(2026, 11, 5, 10, tzinfo=UTC)
LATER: Final = NOW + timedelta(hours=1)
RENDERED: Final = "rendered/p/a/base/m-1/resources.yaml"


@pytest.fixture(autouse=True)
def results(tmp_path: Path) -> object:
    with use_cache(tmp_path / "cache") as folder:
        yield folder


@pytest.fixture(params=["settled", "just written"])
def root(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A rendered repository whose render is recorded: long after it was written, or at once."""
    root = repository(tmp_path / "here", service("1"))
    _memory(root).keep(_record(root, age=10 if request.param == "settled" else 0))
    return root


def _memory(root: Path) -> RenderMemory:
    memory = render_memory(root, template_loader(root))
    assert memory is not None
    return memory


def _record(root: Path, age: float) -> LastRender:
    """Return the record of a render by a process that begins that many seconds from now."""
    files = [path for path in (root / "rendered").rglob("*") if path.is_file()]
    contents = {str(path.relative_to(root)): content_name(path.read_bytes()) for path in files}
    paths, states = rendered_states(root, contents, started=time.time() + age)
    findings = (Finding("H13", "found x", Position("services/platform.yaml", 2, 3)),)
    return LastRender(
        {"services/x.yaml": b"\xff"}, ["m-1"], "1 service", findings, ValidTime(NOW, LATER), paths, states
    )


def _recall(root: Path) -> LastRender | None:
    """Return the record without the states, which depend on the time."""
    found = _memory(root).recall(NOW)
    return replace(found, states=b"") if found is not None else None


def _link(path: Path) -> None:
    path.rename(path.parent.parent / "other")
    path.symlink_to("../other")


@pytest.mark.parametrize(
    "change",
    [
        edit_unseen,
        Path.unlink,
        _link,
        lambda path: path.with_name(".new").touch(),
        lambda path: path.with_name("new").mkdir(),
        lambda path: path.rename(path.with_name("m-2.yaml")),
        lambda path: shutil.rmtree(path.parent.parent),
        lambda path: (path.unlink(), path.mkdir()),
    ],
    ids=["edit", "delete", "link", "hidden", "folder", "rename", "delete folder", "folder for file"],
)
def test_a_change_in_rendered_is_seen(root: Path, change: Callable[[Path], None]) -> None:
    assert _recall(root) == replace(_record(root, age=0), states=b"")
    change(root / RENDERED)
    assert _recall(root) is None


def test_the_same_content_is_the_same_whoever_wrote_it(root: Path) -> None:
    (root / RENDERED).chmod(0o755)
    copy = root / RENDERED
    copy.with_name("next").write_bytes(copy.read_bytes())
    copy.with_name("next").replace(copy)
    assert _recall(root) == replace(_record(root, age=0), states=b"")


def test_what_is_written_after_the_record_was_made_is_read_again(root: Path) -> None:
    """The record is made before the files are written, so their states are not those that the record knows."""
    last = _memory(root).recall(NOW)
    assert last is not None
    text = (root / RENDERED).read_bytes() + b"# more\n"
    _memory(root).keep(
        replace(last, paths={**last.paths, RENDERED: content_name(text)}, states=forget_states(last, [RENDERED]))
    )
    assert _recall(root) is None
    (root / RENDERED).write_bytes(text)
    found = _recall(root)
    assert found is not None
    assert found.contents[RENDERED] == content_name(text)


def test_a_change_between_the_look_at_the_content_and_at_the_state_is_seen(root: Path) -> None:
    """The state is that of the new content, but younger than the process that looked."""
    last = _record(root, age=0)
    edit_unseen(root / RENDERED)
    _memory(root).keep(replace(last, states=_record(root, age=0).states))
    assert _recall(root) is None


def test_it_ends_with_its_time_and_with_the_templates(root: Path) -> None:
    second = timedelta(seconds=1)
    times = (NOW - second, NOW, LATER - second, LATER)
    assert [_memory(root).recall(when) is not None for when in times] == [False, True, True, False]
    write(root, {"templates/sidecars/own.yaml": "container: {}\n"})
    assert _recall(root) is None


def test_a_damaged_record_is_none(root: Path, results: Path) -> None:
    memory = _memory(root)
    for content in (b"", b"\x97", b"[]", b"\xc1" * 100):
        memory.store.write({memory.key: content})
        assert memory.recall(NOW) is None
    last = _record(root, age=10)
    memory.keep(replace(last, states=last.states[:-40]))
    assert memory.recall(NOW) is None
    memory.keep(replace(last, states=last.states[:-3]))
    assert memory.recall(NOW) is None
    assert results.is_dir()


def test_each_work_tree_has_its_own(root: Path, tmp_path: Path) -> None:
    shutil.copytree(root, tmp_path / "copy", symlinks=True)
    assert _recall(tmp_path / "copy") is None

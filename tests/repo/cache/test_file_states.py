"""A digest of files is found by their state, which says nothing of files that were just changed."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from generator.repo.cache.file_states import content_digest, known_digest, read_state
from generator.repo.cache.store import ResultStore
from tests.support.clones import write

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def store(tmp_path: Path) -> ResultStore:
    return ResultStore(tmp_path / "cache" / "results", 10**6)


def test_files_are_read_once_in_one_state(tmp_path: Path, store: ResultStore) -> None:
    write(tmp_path, {"program/a.py": "a", "program/b/c.py": "c"})
    state, later = read_state([str(tmp_path / "program")]), time.time() + 10
    assert known_digest(state, store, later) == content_digest(state)
    ((key,),) = [[path.name for path in store.folder.iterdir()]]
    store.write({key: b"from the store"})
    assert known_digest(state, store, later) == "from the store"
    write(tmp_path, {"program/b/c.py": "d"})
    changed = read_state([str(tmp_path / "program")])
    assert known_digest(changed, store, later) == content_digest(changed) != content_digest(state)


def test_the_state_of_files_that_were_just_changed_is_not_kept(tmp_path: Path, store: ResultStore) -> None:
    write(tmp_path, {"program/a.py": "a"})
    state = read_state([str(tmp_path / "program")])
    assert known_digest(state, store, time.time() + 1) == content_digest(state)
    assert not store.folder.exists()


def test_a_copy_of_the_files_has_the_same_digest(tmp_path: Path) -> None:
    for folder in ("one", "other"):
        write(tmp_path, {f"{folder}/a.py": "a", f"{folder}/b/c.py": "c"})
    one, other = (read_state([str(tmp_path / folder)]) for folder in ("one", "other"))
    assert one != other
    assert content_digest(one) == content_digest(other)

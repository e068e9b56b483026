"""The files of the cache: entries are whole or absent, whatever runs, kills, disks and other users do."""

from __future__ import annotations

import multiprocessing
import os
import time
from pathlib import Path
from typing import Final

import pytest

from generator.repo.cache.store import ResultStore

FORK: Final = multiprocessing.get_context("fork")
LIMIT: Final = 10**8
KEYS: Final = [f"{number:064x}" for number in range(20)]
DAY: Final = 24 * 3600


def _content(key: str) -> bytes:
    return key.encode() * 5000


@pytest.fixture
def store(tmp_path: Path) -> ResultStore:
    return ResultStore(tmp_path / "cache" / "results", LIMIT)


def _files(store: ResultStore) -> set[str]:
    return {path.name for path in store.folder.iterdir()}


def _write_for_ever(store: ResultStore) -> None:
    while True:
        store.write({key: _content(key) for key in KEYS})


def _write_and_read(store: ResultStore, wrong: multiprocessing.SimpleQueue[str]) -> None:
    for _ in range(5):
        store.write({key: _content(key) for key in KEYS})
        for key, content in store.read(KEYS).items():
            if content != _content(key):
                wrong.put(key)


def test_content_comes_back_and_only_for_its_key(store: ResultStore) -> None:
    assert store.read(KEYS) == {}
    store.write({KEYS[0]: b"", KEYS[1]: b"one\0\xff"})
    assert store.read(KEYS) == {KEYS[0]: b"", KEYS[1]: b"one\0\xff"}
    assert store.folder.stat().st_mode & 0o777 == 0o700
    (store.folder / KEYS[1]).rename(store.folder / KEYS[2])
    assert store.read(KEYS) == {KEYS[0]: b""}


def test_writers_at_the_same_time(store: ResultStore) -> None:
    """The limit is such that the writers also delete entries of each other."""
    small = ResultStore(store.folder, len(_content(KEYS[0])) * len(KEYS) // 2)
    wrong: multiprocessing.SimpleQueue[str] = FORK.SimpleQueue()
    writers = [FORK.Process(target=_write_and_read, args=(one, wrong)) for one in (store, small, store, small)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0] * len(writers)
    assert wrong.empty()
    assert not [name for name in _files(store) if name.startswith("next-")]


def test_killed_writers_leave_whole_entries_and_what_they_began_is_deleted_later(store: ResultStore) -> None:
    for _ in range(10):
        writer = FORK.Process(target=_write_for_ever, args=(store,))
        writer.start()
        while not (store.folder.is_dir() and any(store.folder.iterdir())):
            assert writer.is_alive()
        writer.kill()
        writer.join()
        assert all(content == _content(key) for key, content in store.read(KEYS).items())
        for path in store.folder.iterdir():
            path.rename(path.with_name(f"next-{path.name}"))
    now = time.time()
    begun = sorted(store.folder.iterdir())
    os.utime(begun[0], (now - DAY, now - DAY))
    store.write({KEYS[0]: b"x"})
    assert _files(store) == {KEYS[0], *(path.name for path in begun[1:])}


@pytest.mark.parametrize("damage", ["cut", "changed", "empty", "link", "folder", "pipe"])
def test_a_damaged_entry_is_none_and_is_replaced(store: ResultStore, damage: str, tmp_path: Path) -> None:
    store.write({key: _content(key) for key in KEYS[:2]})
    path = store.folder / KEYS[0]
    content = path.read_bytes()
    path.unlink()
    match damage:
        case "link":
            (tmp_path / "other").write_bytes(content)
            path.symlink_to(tmp_path / "other")
        case "folder":
            path.mkdir()
        case "pipe":
            os.mkfifo(path)
        case _:
            path.write_bytes({"cut": content[:-1], "changed": content[:-1] + b"?", "empty": b""}[damage])
    assert store.read(KEYS) == {KEYS[1]: _content(KEYS[1])}
    store.write({KEYS[0]: _content(KEYS[0])})
    assert set(store.read(KEYS)) == set(KEYS[1:2] if damage == "folder" else KEYS[:2])


@pytest.mark.parametrize("where", ["results", "cache"])
@pytest.mark.parametrize("wrong", ["group", "others", "owner", "link", "file"])
def test_a_folder_that_is_not_the_users_alone_is_not_used(
    store: ResultStore, where: str, wrong: str, tmp_path: Path
) -> None:
    store.write({KEYS[0]: b"one"})
    folder = store.folder if where == "results" else store.folder.parent
    match wrong:
        case "owner":
            if os.geteuid() != 0:
                pytest.skip("only root can give a folder to another user")
            os.chown(folder, 12345, -1)
        case "link":
            folder.rename(tmp_path / "moved")
            folder.symlink_to(tmp_path / "moved")
        case "file":
            folder.rename(tmp_path / "moved")
            folder.write_bytes(b"")
        case _:
            folder.chmod(0o770 if wrong == "group" else 0o707)
    assert store.read(KEYS) == {}
    store.write({KEYS[1]: b"two"})
    with pytest.raises(OSError):  # noqa: PT011  # the kind depends on what is wrong
        store.measure()
    with pytest.raises(OSError):  # noqa: PT011  # the same
        store.clear()


def test_the_entries_not_used_for_longest_are_deleted_above_the_limit(store: ResultStore) -> None:
    store.write(dict.fromkeys(KEYS, b"x" * 968))  # 1,000 bytes with the digest
    assert store.measure() == (20, 20_000)
    now = time.time()
    for number, key in enumerate(KEYS):
        os.utime(store.folder / key, (now - (40 - number) * DAY,) * 2)
    store.read(KEYS[:3])
    small = ResultStore(store.folder, 20_000)
    small.write({"f1" * 32: b"x" * 968})  # not with this key
    assert _files(store) == {*KEYS, "f1" * 32}
    (store.folder / ("f1" * 32)).unlink()
    small.write({"0" * 63 + "f1": b"x" * 968})
    assert _files(store) == {*KEYS[:3], *KEYS[9:], "0" * 63 + "f1"}
    store.clear()
    assert store.measure() == (0, 0)

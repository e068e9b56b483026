"""Pushes from one machine to one branch go one after the other; nobody waits without end."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

import pytest

from generator.repo.git.queue import push_turn
from tests.support.cache import use_cache

BRANCH: Final = "https://git.example.com/fleet refs/heads/main"
FORK: Final = multiprocessing.get_context("fork")
LOCKS: Final = Path("/proc/locks")


@pytest.fixture(autouse=True)
def processes() -> Iterator[None]:
    """End the processes that a test leaves: they keep the worker's connection to the process that forks runs."""
    yield
    for process in multiprocessing.active_children():
        process.kill()
        process.join()


def _take_turn(to_test: Connection, name: str) -> None:
    with push_turn(BRANCH):
        to_test.send(name)
        to_test.recv()


def _start(name: str) -> tuple[Connection, int]:
    here, there = FORK.Pipe()
    process = FORK.Process(target=_take_turn, args=(there, name), daemon=True)
    process.start()
    assert process.pid is not None
    return here, process.pid


def _waits(pid: int) -> bool:
    """Whether a process waits for a lock. Source: proc_locks(5)"""
    lines = LOCKS.read_text("ascii").splitlines()
    return any(f" -> POSIX  ADVISORY  READ {pid} " in line for line in lines)


def _start_waiting(name: str) -> tuple[Connection, int]:
    """Start a run that has to wait, and return when it does."""
    run, pid = _start(name)
    while not _waits(pid):
        assert not run.poll(0.01), f"{name} did not wait"
    return run, pid


@pytest.mark.skipif(not LOCKS.exists(), reason="reads the locks of the kernel")
def test_a_run_waits_for_those_before_it_on_the_same_branch(tmp_path: Path) -> None:
    with use_cache(tmp_path / "cache"):
        first, _ = _start("first")
        assert first.recv() == "first"
        second, _ = _start_waiting("second")
        with push_turn(f"{BRANCH}-2"):  # another branch
            assert not second.poll()
        with push_turn(BRANCH, longest=0.01):  # what waited for long
            assert not second.poll()
        first.send("done")
        assert second.recv() == "second"
        second.send("done")
    assert [path.name for path in (tmp_path / "cache" / "servegen").iterdir()] == ["pushes"]


@pytest.mark.skipif(not LOCKS.exists(), reason="reads the locks of the kernel")
def test_runs_take_turns_in_the_order_in_which_they_came(tmp_path: Path) -> None:
    """One that is killed is passed over."""
    with use_cache(tmp_path / "cache"):
        first, _ = _start("run 0")
        assert first.recv() == "run 0"
        waiting = [_start_waiting(f"run {number}") for number in range(1, 8)]
        os.kill(waiting.pop(3)[1], signal.SIGKILL)
        first.send("done")
        order = []
        for run, _ in waiting:
            order.append(run.recv())
            assert not any(later.poll() for later, _ in waiting[len(order) :])
            run.send("done")
    assert order == [f"run {number}" for number in (1, 2, 3, 5, 6, 7)]


@pytest.mark.skipif(not LOCKS.exists(), reason="reads the locks of the kernel")
def test_a_run_knows_whether_others_wait_for_it(tmp_path: Path) -> None:
    with use_cache(tmp_path / "cache"), push_turn(BRANCH) as turn:
        assert not turn.has_followers()
        _, second = _start_waiting("second")
        assert turn.has_followers()
        os.kill(second, signal.SIGKILL)
        os.waitpid(second, 0)
        assert not turn.has_followers()


@pytest.mark.skipif(not LOCKS.exists(), reason="reads the locks of the kernel")
def test_a_run_whose_turn_has_not_come_has_no_followers(tmp_path: Path) -> None:
    with use_cache(tmp_path / "cache"):
        first, _ = _start("first")
        assert first.recv() == "first"
        with push_turn(BRANCH, longest=0.01) as turn:
            _start_waiting("third")
            assert not turn.has_followers()


def test_a_cache_that_others_can_write_is_not_used(tmp_path: Path) -> None:
    folder = tmp_path / "cache" / "servegen"
    folder.mkdir(parents=True)
    folder.chmod(0o777)
    with use_cache(tmp_path / "cache"), push_turn(BRANCH) as turn:
        assert not turn.has_followers()
        assert list(folder.iterdir()) == []

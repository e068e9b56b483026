"""Many writers on one branch: all commits are pushed, and specs that are invalid together are refused every time.

`make race` runs it at full size, 20 writers with 25 commits each, and prints how long a commit takes, and how much
processor time with all git processes. The writers are on two machines, in that each has one of two caches: those on one
machine queue up, and the machines race each other. They are forked from a process that has committed once, so the times
are without the imports of a run; the remote's part of a push is in them, because it is on the same disk.
"""

from __future__ import annotations

import multiprocessing
import multiprocessing.connection
import os
import sys
import time
from pathlib import Path
from typing import Final

import pytest

from generator.core.errors import RefusedError
from generator.repo.commit import commit
from tests.support.cache import use_cache
from tests.support.clones import clone, git, remote, service, whole, write

WRITERS, COMMITS = map(int, os.environ.get("SERVEGEN_RACE", "3x2").split("x"))
PAIRS: Final = COMMITS
MACHINES: Final = 2


def _write(root: Path, writer: int, times: multiprocessing.SimpleQueue[float]) -> None:
    """Add services, and versions to a registry file shared by all writers; put the seconds per commit into `times`."""
    with use_cache(root.parent / f"cache-{writer % MACHINES}"):
        _commit(root, writer, times)


def _commit(root: Path, writer: int, times: multiprocessing.SimpleQueue[float]) -> None:
    for number in range(COMMITS):
        name = f"{writer + 1}{number:03}"
        write(root, {f"services/p/app-{writer}/m-{name}.yaml": service(name)})
        registry = root / "services/p/models/shared.yaml"
        with registry.open("a", encoding="utf-8") as file:
            file.write(f"  v{name}: {{path: /mnt/m/{name}}}   # by writer {writer}\n")
        begin = time.monotonic()
        assert commit(root, push=True, attempts=1000).pushed
        times.put(time.monotonic() - begin)


def test_all_land_and_no_update_is_lost(tmp_path: Path) -> None:
    bare = remote(tmp_path)
    first = clone(bare, "start")
    write(first, {"services/p/models/shared.yaml": "versions:\n  v0: {path: /mnt/m/0}\n"})
    commit(first, push=True)
    before = int(git(first, "rev-list", "--count", "HEAD"))
    clones = [clone(bare, f"writer-{number}") for number in range(WRITERS)]
    times: multiprocessing.SimpleQueue[float] = multiprocessing.get_context("fork").SimpleQueue()
    processes = [
        multiprocessing.get_context("fork").Process(target=_write, args=(root, number, times))
        for number, root in enumerate(clones)
    ]
    used = os.times()
    for process in processes:
        process.start()
    taken = sorted(times.get() for _ in range(WRITERS * COMMITS) if _alive(processes, times))
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0] * WRITERS
    busy = sum(os.times()[2:4]) - sum(used[2:4])
    git(first, "pull", "-q")
    assert int(git(first, "rev-list", "--count", "HEAD")) == before + WRITERS * COMMITS
    names = {f"{writer + 1}{number:03}" for writer in range(WRITERS) for number in range(COMMITS)}
    assert {path.stem.removeprefix("m-") for path in (first / "services/p").glob("app-*/*.yaml")} == names
    registry = (first / "services/p/models/shared.yaml").read_text(encoding="utf-8").splitlines()
    assert sorted(registry[2:]) == sorted(
        f"  v{n}: {{path: /mnt/m/{n}}}   # by writer {int(n[:-3]) - 1}" for n in names
    )
    whole(first)
    p95 = taken[int(len(taken) * 0.95)]
    sys.stdout.write(
        f"\n{WRITERS} writers x {COMMITS} commits: median {taken[len(taken) // 2]:.2f} s, p95 {p95:.2f} s, "
        f"{busy / len(taken):.2f} s of processor time\n"
    )


def _alive(processes: list[multiprocessing.context.ForkProcess], times: multiprocessing.SimpleQueue[float]) -> bool:
    """Wait for a time; return False if none is left and no writer runs any more. A writer that failed puts none."""
    while times.empty():
        running = [process.sentinel for process in processes if process.is_alive()]
        if not running:
            return not times.empty()
        multiprocessing.connection.wait(running, timeout=0.1)
    return True


def test_a_pair_that_is_wrong_together_is_refused_every_time(tmp_path: Path) -> None:
    bare = remote(tmp_path)
    here, there = clone(bare, "here"), clone(bare, "there")
    for number in range(PAIRS):
        host = f"pair-{number}.example.com"
        write(here, {f"services/p/b/m-{number}0.yaml": service(f"{number}0", host=host)})
        write(there, {f"services/p/c/m-{number}1.yaml": service(f"{number}1", host=host)})
        commit(here, push=True)
        with pytest.raises(RefusedError) as refused:
            commit(there, push=True)
        assert {finding.id for finding in refused.value.findings} == {"H01"}
        git(there, "fetch", "-q")
        git(there, "reset", "-q", "--hard", "origin/main")
    whole(there)

"""`kill -9` at any point: HEAD and the remote are intact, no byte of a user's files is lost, and the next run recovers.

`make crash` runs it at 500 points. A point is either just before a step of servegen that changes something (each step
is tried in turn) or a random moment, at which the git processes that servegen started are killed too.
"""

from __future__ import annotations

import fcntl
import multiprocessing
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from generator.cli.main import run
from generator.core.programs.git import Git
from generator.repo.verify import verify
from tests.support.clones import clone, committed, git, head, remote, service, whole, write
from tests.support.command import servegen

if TYPE_CHECKING:
    from collections.abc import Callable

POINTS: Final = int(os.environ.get("SERVEGEN_CRASH", "4"))
PROCESSES: Final = multiprocessing.get_context("fork")
COMMANDS: Final = {"render": ["render"], "commit": ["commit", "--push"]}
# Audit events before steps that change something: https://docs.python.org/3/library/audit_events.html
STEPS: Final = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod", "os.truncate", "subprocess.Popen"}
# Files that are not servegen's: in the index and changed after that, and unknown to Git.
FOREIGN: Final = {
    "README.md": "changed again\n",
    "notes.txt": "mine\n",
    "rendered/.keep": "mine\n",
    "services/p/a/m-1.yaml": service("1", more="config: {labels.txt: dog}\n"),
    "services/p/c/m-30.yaml": service("30", host="c.example.com", more="config: {big.txt: " + "x" * 60_000 + "}\n"),
}
EXPECTED: Final = {"services/p/a/m-1.yaml", "services/p/b/m-20.yaml", "services/p/c/m-30.yaml"}


@pytest.fixture(autouse=True)
def temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that is killed leaves its temporary files, here with those of the test."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bare remote with newer commits, and `here`, a clone with uncommitted edits."""
    folder = tmp_path_factory.mktemp("crash")
    bare = remote(folder)
    first = folder / "first"
    labels = service("1", more="config: {labels.txt: cat, .env: 'A=1'}\n")
    write(first, {"README.md": "read me\n", "services/p/a/m-1.yaml": labels, "services/p/a/m-40.yaml": service("40")})
    git(first, "add", "README.md")
    git(first, "commit", "-qm", "read me")
    committed(first, "--push")
    here, there = clone(bare, "here"), clone(bare, "there")
    write(there, {"services/p/b/m-20.yaml": service("20", host="b.example.com")})
    committed(there, "--push")
    assert servegen(here, "render").returncode == 0
    write(here, {"README.md": "changed\n"})
    git(here, "add", "README.md")
    write(here, FOREIGN)
    (here / "services/p/a/m-40.yaml").unlink()
    return folder


@pytest.fixture
def copy(work: Path, tmp_path: Path) -> Callable[[int], Path]:
    """Return a function that copies the fixture `work`; each clone has its own remote."""

    def made(number: int) -> Path:
        folder = tmp_path / str(number)
        for name in ("remote.git", "here"):
            shutil.copytree(work / name, folder / name, symlinks=True)
        git(folder / "here", "remote", "set-url", "origin", str(folder / "remote.git"))
        return folder / "here"

    return made


def _traced(root: Path, command: list[str], step: Callable[[], None]) -> None:
    """Run a command in this process, call `step` before each change that it makes, and exit."""

    def heard(event: str, arguments: tuple[Any, ...]) -> None:
        writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)
        if event in STEPS or writes:
            step()

    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    sys.addaudithook(heard)
    os._exit(run(["-C", str(root), *command]))


def _killed_at(root: Path, command: list[str], number: int, ready: multiprocessing.SimpleQueue[None]) -> None:
    os.setsid()
    ready.put(None)
    left = iter(range(number, -1, -1))
    _traced(root, command, lambda: os.kill(os.getpid(), signal.SIGKILL) if not next(left, 1) else None)


def _counted(root: Path, command: list[str], counts: multiprocessing.SimpleQueue[None]) -> None:
    os.setsid()
    _traced(root, command, lambda: counts.put(None))


def _steps(root: Path, command: list[str]) -> tuple[int, float]:
    """The number of steps of a whole run, and its duration in seconds."""
    counts: multiprocessing.SimpleQueue[None] = PROCESSES.SimpleQueue()
    process = PROCESSES.Process(target=_counted, args=(root, command, counts))
    begin = time.monotonic()
    process.start()
    process.join()
    seconds, number = time.monotonic() - begin, 0
    assert process.exitcode == 0
    while not counts.empty():
        counts.get()
        number += 1
    return number, seconds


def _kill(root: Path, command: list[str], point: int | float) -> None:
    """Run a command and kill it: before the step with the number `point` (int), or as a group after seconds (float)."""
    number = point if isinstance(point, int) else sys.maxsize
    ready: multiprocessing.SimpleQueue[None] = PROCESSES.SimpleQueue()
    process = PROCESSES.Process(target=_killed_at, args=(root, command, number, ready))
    process.start()
    ready.get()
    process.join(point if isinstance(point, float) else None)
    if process.exitcode is None and process.pid is not None:
        os.killpg(process.pid, signal.SIGKILL)
        process.join()
    # A git process whose servegen was killed continues, and holds the run's lock until it ends.
    with (root / ".servegen" / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)


def _assert_nothing_is_lost(root: Path, verified: set[str]) -> None:
    """`verified` collects commits that hold the render of their specs, which is true of them in each copy."""
    for name, text in FOREIGN.items():
        assert (root / name).read_text(encoding="utf-8") == text, name
    assert git(root, "show", ":README.md") == "changed"
    bare = root.parent / "remote.git"
    for repository in (root, bare):
        git(repository, "fsck", "--no-dangling")  # reads all objects and compares them with their names
        if head(repository) in verified:
            continue
        git(root, "fetch", "-q", "--no-write-fetch-head", str(bare), f"{head(bare)}:refs/remote-head")
        assert verify(Git(root), head(repository), kustomize=None).files
        git(root, "update-ref", "-d", "refs/remote-head")
        verified.add(head(repository))


def _assert_the_next_run_heals(root: Path, command: list[str]) -> None:
    done = servegen(root, *command)
    assert (done.returncode, done.stderr) == (0, "")
    assert servegen(root, "render", "--check").returncode == 0
    changed = git(root, "status", "--porcelain", "--untracked-files=all").splitlines()
    rendered = [line for line in changed if " rendered/" in line]
    if command == COMMANDS["render"]:
        assert "?? rendered/.keep" in rendered
        return
    assert changed == ["MM README.md", "?? notes.txt", "?? rendered/.keep"]
    assert head(root) == head(root.parent / "remote.git", "main")
    assert EXPECTED | {"services/platform.yaml"} == set(git(root, "ls-files", "services").splitlines())


@pytest.mark.parametrize("name", COMMANDS)
def test_nothing_is_lost_and_the_next_run_heals(
    name: str, copy: Callable[[int], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    command = COMMANDS[name]
    steps, seconds = _steps(copy(0), command)
    chance = random.Random(0 if "CI" in os.environ else None)
    points: list[int | float] = list(range(steps))
    chance.shuffle(points)
    count = POINTS // len(COMMANDS)
    points = points[: count // 2]
    points += [chance.uniform(0.0, seconds) for _ in range(count - len(points))]
    verified: set[str] = set()
    for number, point in enumerate(points, start=1):
        root = copy(number)
        _kill(root, command, point)
        try:
            _assert_nothing_is_lost(root, verified)
            _assert_the_next_run_heals(root, command)
        except AssertionError as error:
            raise AssertionError(f"killed {command} at {point} of {steps} steps, {seconds:.2f} s") from error
        shutil.rmtree(root.parent)
    with capsys.disabled():
        sys.stdout.write(f"\n{name}: killed {len(points)} times; {steps} steps, {seconds:.2f} s\n")


def test_a_fetch_that_was_killed_is_made_again(copy: Callable[[int], Path]) -> None:
    """git unpacks a commit before its files, so a killed fetch can leave a commit without them."""
    root = copy(0)
    bare = root.parent / "remote.git"
    commit = git(bare, "rev-parse", "main")
    text = subprocess.run(["git", "cat-file", "commit", commit], cwd=bare, capture_output=True, check=True).stdout
    command = ["git", "hash-object", "-t", "commit", "-w", "--stdin"]
    subprocess.run(command, cwd=root, input=text, capture_output=True, check=True)
    assert git(root, "cat-file", "-t", commit) == "commit"
    _assert_the_next_run_heals(root, COMMANDS["commit"])


@pytest.mark.parametrize(
    ("killed", "left", "command"),
    [
        ("a/m-1", None, ["commit", "--push"]),
        ("b/m-20", 20, ["commit", "--push"]),
        ("a/m-1", 0, ["render"]),
        ("b/m-20", None, ["deploy", "m-30", "test"]),
    ],
)
def test_a_move_to_the_remotes_commit_that_was_killed_loses_no_service(
    killed: str, left: int | None, command: list[str], tmp_path: Path
) -> None:
    """Git deletes a file before it writes its new content: a killed git leaves it out, or leaves a part of it."""
    bare = remote(tmp_path)
    here, there = clone(bare, "here"), clone(bare, "there")
    new = {"a/m-1": service("1", day=2), "b/m-20": service("20")}
    write(there, {f"services/p/{name}.yaml": text for name, text in new.items()})
    committed(there, "--push")
    write(here, {"services/p/c/m-30.yaml": service("30")})
    (here / ".git/info/attributes").write_text(f"services/p/{killed}.yaml filter=killer\n", encoding="utf-8")
    git(here, "config", "filter.killer.smudge", "kill -9 0")
    ready: multiprocessing.SimpleQueue[None] = PROCESSES.SimpleQueue()
    process = PROCESSES.Process(target=_killed_at, args=(here, COMMANDS["commit"], sys.maxsize, ready))
    process.start()
    process.join()
    assert process.exitcode == -signal.SIGKILL
    before = head(here)
    git(here, "config", "--remove-section", "filter.killer")
    if left is not None:
        write(here, {f"services/p/{killed}.yaml": new[killed][:left]})
    begun = servegen(here, *command)
    assert begun.returncode == 0, begun.stdout + begun.stderr
    line = f"restored services/p/{killed}.yaml as it is in {before[:9]}: "
    assert (line in begun.stdout + begun.stderr) == (killed == "a/m-1" or left is not None)
    if command != COMMANDS["commit"]:
        committed(here, "--push")
    whole(here)
    for name, text in new.items():
        assert (here / f"services/p/{name}.yaml").read_text(encoding="utf-8") == text
    assert head(here) == head(bare, "main")

"""A full disk, a file size limit and a read-only folder give a message, lose nothing, and a later run succeeds."""

from __future__ import annotations

import contextlib
import errno
import io
import multiprocessing
import os
import resource
import shutil
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from generator.cli.main import run
from tests.support.clones import committed, git, head, identity, service, write
from tests.support.command import servegen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NOBODY = 65534
SPEC = "services/p/a/m-1.yaml"
BIG = "rendered/p/a/base/m-1/config/big.txt"
LABELS = "rendered/p/a/base/m-1/config/labels.txt"


@pytest.fixture
def root() -> Iterator[Path]:
    """A repository with a commit, and edits that create, change and delete files; other users can reach its folder."""
    root = Path(tempfile.mkdtemp())
    git(root, "init", "-q", "-b", "main")
    identity(root)
    platform = "servegen: ~=1.0\nclusters:\n  main: {domain: example.com, gateways: managed}\n"
    write(root, {"services/platform.yaml": platform + "environments:\n  prod: {cluster: main, stage: prod}\n"})
    write(root, {SPEC: service("1", more="config: {labels.txt: cat, old.txt: gone}\n")})
    committed(root)
    write(root, {SPEC: service("1", more=f"config: {{labels.txt: dog, big.txt: {'x' * 200_000}}}\n")})
    yield root
    shutil.rmtree(root)


def _in_process(root: Path, before: Callable[[], object], *command: str) -> tuple[int, str]:
    """Call `before` and run a command, in a separate process; return the exit code and the output."""
    said = root.with_name(f"{root.name}.said")

    def work() -> None:
        with said.open("w", encoding="utf-8") as sys.stdout:
            sys.stderr = sys.stdout
            before()
            code = run(["-C", str(root), *command])
        os._exit(code)

    process = multiprocessing.get_context("fork").Process(target=work)
    process.start()
    process.join()
    text = said.read_text(encoding="utf-8")
    said.unlink()
    assert process.exitcode is not None
    return process.exitcode, text


def _small_files() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))


def _nobody(root: Path) -> None:
    """Drop root's rights. Only root may be able to read Python's own files, so a first run loads all modules."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        run(["-C", str(root), "render", "--check"])
    if os.geteuid() == 0:
        os.setgid(NOBODY)
        os.setuid(NOBODY)


def _healed(root: Path, *command: str) -> None:
    done = servegen(root, *command)
    assert (done.returncode, done.stderr) == (0, "")
    assert servegen(root, "render", "--check").returncode == 0
    assert (root / BIG).stat().st_size == 200_000


def _state(root: Path) -> dict[str, bytes]:
    files = (path for path in root.rglob("*") if path.is_file() and not {".git", ".servegen"} & set(path.parts))
    return {str(path.relative_to(root)): path.read_bytes() for path in files}


@pytest.mark.parametrize("command", ["render", "commit"])
def test_a_file_that_may_not_grow(root: Path, command: str) -> None:
    before = _state(root)
    code, said = _in_process(root, _small_files, command)
    assert code == 3
    assert said == f"servegen: cannot write {root / BIG}: File too large\n  hint: the next run continues\n"
    after = _state(root)
    assert len(after.pop(BIG)) == 100_000
    assert after == before
    _healed(root, command)


def test_a_file_that_grows_too_large(root: Path) -> None:
    write(root, {SPEC: service("1", more=f"config: {{labels.txt: {'x' * 200_000}}}\n")})
    before = _state(root)
    code, said = _in_process(root, _small_files, "render")
    assert (code, said) == (
        3,
        f"servegen: cannot write {root / LABELS}: File too large\n  hint: the next run continues\n",
    )
    assert _state(root) == before
    assert not list((root / ".servegen").glob("next-*"))
    assert servegen(root, "render").returncode == 0
    assert len((root / LABELS).read_text(encoding="utf-8")) == 200_000


def test_the_record_of_written_contents_grows_too_large(root: Path) -> None:
    before, record = _state(root), root / ".servegen" / "written"
    record.write_text("\n" * 100_000, encoding="utf-8")
    code, said = _in_process(root, _small_files, "render")
    assert (code, said) == (3, f"servegen: cannot write {record}: File too large\n  hint: the next run continues\n")
    assert _state(root) == before
    _healed(root, "render")


def test_no_space_at_any_step(root: Path) -> None:
    """Each opening of a file of the repository for writing fails once."""

    def full_at(number: int) -> None:
        left = iter(range(number, -1, -1))

        def heard(event: str, arguments: tuple[Any, ...]) -> None:
            flags = arguments[2] if event == "open" and str(arguments[0]).startswith(str(root)) else None
            if isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR) and next(left, 1) == 0:
                raise OSError(errno.ENOSPC, "No space left on device", arguments[0])

        sys.addaudithook(heard)

    spec, first = (root / SPEC).read_bytes(), head(root)
    for number in range(1000):
        code, said = _in_process(root, partial(full_at, number), "render")
        assert head(root) == first
        assert (root / SPEC).read_bytes() == spec
        if code == 0:
            break
        assert code == 3, said
        assert said.startswith("servegen: cannot write /"), said
        assert "No space left on device" in said
        _healed(root, "render")
        git(root, "checkout", "-q", "--", "rendered")
        (root / BIG).unlink()
    assert number > 5


def test_a_folder_that_may_not_be_written(root: Path) -> None:
    write(root, {SPEC: service("1", more="config: {labels.txt: cat, new.txt: new}\n")})
    if os.geteuid() == 0:
        for path in (root, *root.rglob("*")):
            os.chown(path, NOBODY, NOBODY)
    folder = (root / LABELS).parent
    folder.chmod(0o555)
    before = _state(root)
    code, said = _in_process(root, lambda: _nobody(root), "render")
    assert code == 3
    hint = "  hint: the next run continues\n"
    assert said == f"servegen: cannot write {folder / 'new.txt'}: Permission denied\n{hint}"
    assert _state(root) == before
    folder.chmod(0o755)
    assert _in_process(root, lambda: _nobody(root), "render")[0] == 0
    assert (folder / "new.txt").read_text(encoding="utf-8") == "new"

"""A render after an edit of a few services says and writes what a render of everything does."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from generator.cli.near_render import near_render
from generator.core.paths import templates_root
from generator.repo.cache.last_render import render_memory
from generator.repo.repository import Repository
from tests.support.cache import use_cache
from tests.support.clones import committed, repository, service, write
from tests.support.command import servegen
from tests.support.process_folder import process_folder

SPEC: Final = "services/p/a/m-1.yaml"
DEPLOYMENT: Final = "rendered/p/a/base/m-1/resources.yaml"
OVERLAY: Final = "rendered/p/a/overlays/prod/routes/routes.yaml"
Change = Callable[[Path], object]


def _spec(more: str) -> Change:
    return lambda root: write(root, {SPEC: service("1", more=more)})


def _nothing(root: Path) -> None:
    """Change nothing."""
    del root


def _append(root: Path) -> None:
    with (root / DEPLOYMENT).open("a", encoding="utf-8") as file:
        file.write("# by hand\n")


def _lose_folder(root: Path) -> None:
    shutil.rmtree((root / OVERLAY).parent)
    _spec("env: {A: '5'}\n")(root)


def _own_stage(root: Path) -> None:
    text = (templates_root() / "stages" / "prod.yaml").read_text("utf-8")
    write(root, {"templates/stages/prod.yaml": text.replace("disruption_budget: true", "disruption_budget: false")})


def _write_all(root: Path) -> None:
    """Write what the specs render, and keep no record of it: as a run that was killed at its end."""
    _spec("env: {A: '9'}\n")(root)
    assert servegen(root, "render", "--no-cache").returncode == 0


# What changes, the arguments, the exit status, and whether the plan of near services is enough.
STEPS: Final[tuple[tuple[str, Change, tuple[str, ...], int, bool], ...]] = (
    ("a value", _spec("env: {A: '2'}\n"), (), 0, True),
    ("another value", _spec("env: {A: '3'}\n"), (), 0, True),
    ("nothing", _nothing, (), 0, True),
    ("a comment", _spec("# three\nenv: {A: '3'}\n"), (), 0, True),
    ("a check", _spec("env: {A: '4'}\n"), ("--check",), 4, True),
    ("a check for a machine", _nothing, ("--check", "--output", "json"), 4, True),
    ("a dry run", _nothing, ("--dry-run",), 0, True),
    ("the value that was checked", _nothing, (), 0, True),
    ("more than a value", _spec("env: {A: '4'}\nreplicas: 3\n"), (), 0, False),
    ("a lost file", lambda root: (root / DEPLOYMENT).unlink(), (), 0, False),
    (
        "a lost folder, and a value",
        _lose_folder,
        (),
        0,
        False,
    ),
    ("a new file", lambda root: write(root, {"rendered/p/new.yaml": "a: b\n"}), ("--force",), 0, False),
    ("a file of an editor", lambda root: write(root, {"rendered/p/.swp": "a: b\n"}), (), 0, False),
    ("a value beside it", _spec("env: {A: '6'}\n"), (), 0, True),
    ("a change by hand", _append, (), 1, False),
    ("the same with force", _nothing, ("--force",), 0, False),
    ("an error", _spec("env: {A: '6'}\ncomand: run\n"), (), 1, False),
    ("its correction, with a value", _spec("env: {A: '7'}\n"), (), 0, True),
    ("a warning", _spec("env: {A: '7', B: null}\n"), (), 0, False),
    ("a value beside the warning", _spec("env: {A: '8', B: null}\n"), (), 0, True),
    ("a line above it", _spec("description: x\nenv: {A: '8', B: null}\n"), (), 0, False),
    ("a run that was killed", _write_all, (), 0, False),
    ("a mode", lambda root: (root / DEPLOYMENT).chmod(0o755), (), 0, True),
    ("the name of another service", _spec("env: {A: 'http://n-1/'}\n"), (), 0, False),
    ("another service", lambda root: write(root, {"services/p/b/n-2.yaml": service("2")}), (), 0, False),
    ("it is gone", lambda root: (root / "services/p/b/n-2.yaml").unlink(), (), 0, False),
    ("a template", _own_stage, (), 0, False),
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = repository(tmp_path / "here", service("1", more="env: {A: '1'}\n"))
    write(root, {"services/p/b/n-1.yaml": service("1")})
    committed(root)
    return root


def test_each_edit_gives_what_a_whole_render_gives(root: Path, tmp_path: Path) -> None:
    copy, near = tmp_path / "copy", {}
    with use_cache(process_folder()):  # this process unpacks schemas there too
        servegen(root, "render")
        for name, change, arguments, status, _ in STEPS:
            change(root)
            shutil.rmtree(copy, ignore_errors=True)
            shutil.copytree(root, copy, symlinks=True)
            near[name] = _is_near(root)
            outcome = _outcome(root, *arguments)
            assert outcome == _outcome(copy, *arguments, "--no-cache"), name
            assert outcome[0] == status, name
    assert near == {name: is_near for name, _, _, _, is_near in STEPS}


def _is_near(root: Path) -> bool:
    repository = Repository.open(root)
    memory = render_memory(root, repository.templates)
    return memory is not None and near_render(repository, memory.recall(repository.now)) is not None


def _outcome(root: Path, *arguments: str) -> tuple[object, ...]:
    """Return what a render says, without its duration, and what it leaves."""
    done = servegen(root, "render", *arguments)
    said = re.sub(r" in [0-9.]+ s", "", done.stdout)
    files = {str(path.relative_to(root)): path for path in (root / "rendered").rglob("*")}
    texts = {name: path.read_text("utf-8") for name, path in files.items() if path.is_file()}
    known = set((root / ".servegen" / "written").read_text("utf-8").split())
    return done.returncode, said, done.stderr, sorted(files), texts, known

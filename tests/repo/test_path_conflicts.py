"""Files and links that block a path are reported and left alone; nothing behind a link is read or written."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING

import pytest

from generator.repo.lock import exclusive
from tests.support.clones import write
from tests.support.command import servegen
from tests.support.one_service import RESOURCES, SPEC, TEXT
from tests.support.prepared import minimal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

OVERLAY = "rendered/vision/resnet50/overlays/test"
LINK = "found a symbolic link, which servegen does not follow [F08]"
RENDERED_HINT = "  hint: delete the link; `servegen render` writes the file"
MOVE_HINT = "  hint: move it away; `servegen render` writes the expected one"


def _linked_spec(root: Path, outside: Path) -> None:
    (outside / "spec.yaml").write_text(TEXT, encoding="utf-8")
    (root / "services/vision/resnet50/resnet50-2.yaml").symlink_to(outside / "spec.yaml")


def _linked_project(root: Path, outside: Path) -> None:
    (root / "services/speech").symlink_to(outside)


def _linked_file(root: Path, outside: Path) -> None:
    (root / RESOURCES).unlink()
    (root / RESOURCES).symlink_to(outside / "nothing-there-yet.yaml")


def _linked_folder(root: Path, outside: Path) -> None:
    shutil.rmtree(root / OVERLAY)
    (root / OVERLAY).symlink_to(outside)


def _linked_tree(root: Path, outside: Path) -> None:
    shutil.rmtree(root / "rendered")
    (root / "rendered").symlink_to(outside)


def _folder_for_file(root: Path, outside: Path) -> None:
    del outside
    (root / RESOURCES).unlink()
    (root / RESOURCES).mkdir()


def _file_for_folder(root: Path, outside: Path) -> None:
    del outside
    shutil.rmtree(root / OVERLAY)
    (root / OVERLAY).write_text("mine\n", encoding="utf-8")


def _pipe_for_file(root: Path, outside: Path) -> None:
    del outside
    (root / RESOURCES).unlink()
    os.mkfifo(root / RESOURCES)


CASES: dict[str, tuple[Callable[[Path, Path], None], str, str]] = {
    "a spec": (
        _linked_spec,
        f"services/vision/resnet50/resnet50-2.yaml:1:1: error: {LINK}",
        "  hint: replace the link with the file itself",
    ),
    "a project": (
        _linked_project,
        f"services/speech:1:1: error: {LINK}",
        "  hint: replace the link with the file itself",
    ),
    "a dangling link for a file": (_linked_file, f"{RESOURCES}:1:1: error: {LINK}", RENDERED_HINT),
    "a link for a folder": (_linked_folder, f"{OVERLAY}:1:1: error: {LINK}", RENDERED_HINT),
    "a link for the whole tree": (_linked_tree, f"rendered:1:1: error: {LINK}", RENDERED_HINT),
    "a folder for a file": (
        _folder_for_file,
        f"{RESOURCES}:1:1: error: found a folder, expected a file [F08]",
        MOVE_HINT,
    ),
    "a file for a folder": (
        _file_for_folder,
        f"{OVERLAY}:1:1: error: found a file, expected a folder [F08]",
        MOVE_HINT,
    ),
    "a pipe for a file": (
        _pipe_for_file,
        f"{RESOURCES}:1:1: error: found a special file, expected a file [F08]",
        MOVE_HINT,
    ),
}


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A rendered repository with one service."""
    folder = tmp_path_factory.mktemp("rendered")
    minimal(folder / "models")
    write(folder / "models", {SPEC: TEXT})
    assert servegen(folder / "models", "render").returncode == 0
    return folder / "models"


@pytest.fixture
def repository(rendered: Path, tmp_path: Path) -> Path:
    """A copy of the rendered repository."""
    return shutil.copytree(rendered, tmp_path / "models")


def _state(folder: Path) -> dict[str, object]:
    return {
        str(path.relative_to(folder)): path.readlink() if path.is_symlink() else path.is_file() and path.read_bytes()
        for path in folder.rglob("*")
        if ".servegen" not in path.parts
    }


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("command", ["render", "render --force", "render --check", "validate --engine embedded"])
def test_it_is_reported_and_left_alone(repository: Path, tmp_path: Path, case: str, command: str) -> None:
    make, message, hint = CASES[case]
    outside = tmp_path / "outside"
    outside.mkdir()
    make(repository, outside)
    before = _state(tmp_path)
    done = servegen(repository, *command.split())
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines()[:2] == [message, hint]
    assert done.stderr.endswith("\n1 error\n")
    assert _state(tmp_path) == before


@pytest.mark.parametrize("command", ["render", "commit"])
def test_two_runs_at_once(repository: Path, command: str) -> None:
    holder = f"process {os.getpid()}: servegen {' '.join(sys.argv[1:])}"[:1000].strip()
    with exclusive(repository):
        done = servegen(repository, command)
        assert servegen(repository, "render", "--check").returncode == 0
    assert done.returncode == 3
    hint = "  hint: try again when it has finished\n"
    assert done.stderr == f"servegen: {repository} is being written by {holder}\n{hint}"
    assert servegen(repository, "render").returncode == 0

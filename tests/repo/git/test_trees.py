"""Trees without an index are those that Git makes with one."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Final

import pytest

from generator.core.errors import ToolError
from generator.core.programs.git import Git
from generator.repo.git.objects import FILE, TreeEntry, object_name
from generator.repo.git.trees import write_tree
from tests.support.clones import git

Edits = dict[str, TreeEntry | None]
DEEP: Final = "a/b/c/d/file"
# Names whose order depends on whether they are folders, and names that Git quotes.
HELD: Final = (
    "top",
    "a.b",
    "a-b",
    "a/b.c",
    "a/b/x",
    DEEP,
    "a0",
    "with space/\u00e4",
    "line\nend/one",
    "line\nend/two",
    "gone/x",
)
# The files that are set, and those that are deleted.
EDITS: Final = {
    "a new file in each folder": (["new", "a/new", "a/b/c/new", "z/y/x"], []),
    "one of each": ([DEEP], ["top", "line\nend/one", "a/b.c"]),
    "names with all bytes": (["with space/\u00e4", "line\nend/\t", "\udcff/\udcfe"], []),
    "a folder that becomes empty": ([], ["gone/x"]),
    "folders that become empty": ([], [DEEP, "a/b/x"]),
    "a folder in the place of a file": (["top/x"], ["top"]),
    "a file in the place of a folder": (["gone"], ["gone/x"]),
    "what is not there": ([], ["no", "a", "a/b/no", "no/no"]),
    "nothing": ([], []),
    "everything": ([], list(HELD)),
}


def _with_index(root: Path, start: str | None, edits: Edits) -> str:
    """The tree that Git makes with an index of its own."""
    (root / ".git" / "other").unlink(missing_ok=True)
    environment = {**os.environ, "GIT_INDEX_FILE": str(root / ".git" / "other")}

    def run(*command: str, stdin: bytes = b"") -> str:
        done = subprocess.run(
            ["git", *command], cwd=root, input=stdin, env=environment, capture_output=True, check=True
        )
        return done.stdout.decode().strip()

    if start is not None:
        run("read-tree", start)
    facts = {path: f"{entry.mode} {entry.name}" if entry else f"0 {'0' * 40}" for path, entry in edits.items()}
    lines = [f"{fact}\t{path}\0" for path, fact in facts.items()]
    run("update-index", "-z", "--index-info", stdin="".join(lines).encode("utf-8", "surrogateescape"))
    return run("write-tree")


def _edits(paths: list[str], deleted: list[str]) -> tuple[Edits, list[bytes]]:
    contents = {path: f"content of {number}\n".encode() * 9 * number for number, path in enumerate(paths)}
    entries = {
        path: TreeEntry("100755" if "x" in path else FILE, object_name(text, 40)) for path, text in contents.items()
    }
    return {**dict.fromkeys(deleted), **entries}, list(contents.values())


@pytest.fixture
def root(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q")
    return tmp_path


def test_they_are_those_of_an_index(root: Path) -> None:
    held, contents = _edits(list(HELD), [])
    start = write_tree(Git(root), None, "", held, contents)
    assert start == _with_index(root, None, held)
    for name, (paths, deleted) in EDITS.items():
        edits, contents = _edits(paths, deleted)
        made = write_tree(Git(root), start, "", edits, contents)
        assert made == _with_index(root, start, edits), name
        git(root, "fsck", "--strict", made)


def test_a_prefix_is_the_folder_of_all_edits(root: Path) -> None:
    edits, contents = _edits(["x", "y/z"], [])
    below = write_tree(Git(root), None, "a/b/", edits, contents)
    assert git(root, "ls-tree", "-r", "--name-only", below).split() == ["a/b/x", "a/b/y/z"]
    assert git(root, "ls-tree", "-r", f"{below}:a/b") == git(
        root, "ls-tree", "-r", write_tree(Git(root), None, "", edits)
    )


def test_a_repository_of_sha256(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "--object-format=sha256")
    name = object_name(b"text", 64)
    made = write_tree(Git(tmp_path), None, "", {"a/b": TreeEntry(FILE, name)}, [b"text"])
    made = write_tree(Git(tmp_path), made, "", {"a/c": TreeEntry(FILE, name)})
    assert git(tmp_path, "ls-tree", "-r", made).splitlines() == [f"{FILE} blob {name}\ta/{path}" for path in "bc"]
    git(tmp_path, "fsck", "--strict", made)


def test_a_tree_that_is_damaged_is_an_error(root: Path) -> None:
    edits, contents = _edits(["a/x"], [])
    made = write_tree(Git(root), None, "", edits, contents)
    folder = git(root, "rev-parse", f"{made}:a")
    stored = root / ".git" / "objects" / folder[:2] / folder[2:]
    stored.chmod(0o644)
    stored.write_bytes(b"damaged")
    with pytest.raises(ToolError):
        write_tree(Git(root), made, "", {"a/y": edits["a/x"]})

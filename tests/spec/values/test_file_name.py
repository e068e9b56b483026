"""Every name that Git refuses is special, and so are those that kustomize reads; ordinary names are not."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Final

import pytest

from generator.spec.values.file_name import special_to
from tests.support.clones import git

GIT: Final = (
    *(".git", ".GIT", ".Git", "git~1", "GIT~1", ".git.", ".git ", ".git . .", ".git:x", ".git::$INDEX_ALLOCATION"),
    *(".g\u200cit", "\u200e.git", ".gi\u202at", ".GI\u206fT", ".git\ufeff", ".git\\x", "git~1.", "git~1 ", "git~1:s"),
)
MEANING: Final = {
    "Git": (".gitattributes", ".GitIgnore", ".gitmodules", ".git\u200cignore", "GITATT~1", "gi7eba~1", ".gitignore. ."),
    "kustomize": ("kustomization.yaml", "kustomization.yml", "Kustomization", "KUSTOMIZATION.YAML", "kustomization."),
    "Windows": (
        *("CON", "nul.txt", "aux.tar.gz", "COM1", "com9.x", "LPT¹", "com².txt", "PRN ", "CONIN$", "con .txt"),
        *("a.", "a ", "a:b", "a.txt:stream", "a\\b", "a?", 'a"', "a\x01"),
    ),
    "macOS": ("a\u200db", "\ufeffa"),
    "": (
        "a",
        ".env",
        "git",
        "x.git",
        "console",
        "com",
        "com10",
        "nul-1",
        "config.pbtxt",
        "名字.txt",
        ".gi",
        "a~1",
        "..a",
    ),
}


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository that protects itself as on Windows and macOS."""
    folder = tmp_path_factory.mktemp("names")
    git(folder, "init", "-q")
    git(folder, "config", "core.protectNTFS", "true")
    git(folder, "config", "core.protectHFS", "true")
    return folder


def _accepts(repository: Path, name: str) -> bool:
    """Whether git takes a file of this name into its index."""
    blob = git(repository, "hash-object", "-w", "--stdin", stdin="x")
    line = f"100644 {blob}\t{name}\0".encode()
    command = ["git", "update-index", "-z", "--index-info"]
    done = subprocess.run(command, cwd=repository, input=line, capture_output=True, check=False)
    return done.returncode == 0 and name in git(repository, "-c", "core.quotePath=false", "ls-files", "-z").split("\0")


@pytest.mark.parametrize("name", GIT, ids=ascii)
def test_what_git_refuses_is_special(name: str, repository: Path) -> None:
    assert not _accepts(repository, name)
    assert special_to(name) == "Git"


@pytest.mark.parametrize(
    ("program", "name"), [(program, name) for program, names in MEANING.items() for name in names], ids=ascii
)
def test_names_are_special_to_a_program(program: str, name: str, repository: Path) -> None:
    assert special_to(name) == program
    if not program:
        assert _accepts(repository, name)


@pytest.mark.parametrize("name", MEANING["kustomize"][:3])
def test_kustomize_reads_these_files(name: str, tmp_path: Path, kustomize: Path) -> None:
    (tmp_path / "a.yaml").write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n", encoding="utf-8")
    (tmp_path / name).write_text("resources: [a.yaml]\n", encoding="utf-8")
    done = subprocess.run([kustomize, "build", tmp_path], capture_output=True, text=True, check=False)
    assert (done.returncode, "kind: ConfigMap" in done.stdout) == (0, True)

"""A commit holds the bytes that were rendered, or the command says which it does not hold."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Final

import pytest

from tests.support.clones import PLATFORM, git, head, identity, service, write
from tests.support.command import servegen

CONFIG: Final = "rendered/p/a/base/m-1/config/a.txt"
TEXT: Final = '"one\\r\\ntwo $Id: x $\\r\\n"'


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository without a commit, and a service with a config file that attributes can change."""
    git(tmp_path, "init", "-q", "-b", "main")
    identity(tmp_path)
    write(tmp_path, {"services/platform.yaml": PLATFORM})
    write(tmp_path, {"services/p/a/m-1.yaml": service("1", more=f"config: {{a.txt: {TEXT}}}\n")})
    return tmp_path


@pytest.mark.parametrize("first", [True, False], ids=["first commit", "second commit"])
@pytest.mark.parametrize(
    "attributes",
    ["* text=auto", "*.txt text eol=crlf", "*.txt ident", "a.txt filter=upper", "[attr]crlf text\na* crlf"],
)
def test_content_that_attributes_change_is_reported(attributes: str, first: bool, root: Path) -> None:
    if not first:
        git(root, "commit", "-qm", "first", "--allow-empty")
    git(root, "config", "filter.upper.clean", "tr a-z A-Z")
    write(root, {".gitattributes": f"{attributes}\n"})
    done = servegen(root, "commit")
    assert (done.returncode, done.stdout) == (3, "")
    message = f"servegen: the commit {head(root)[:9]} has other content than was rendered: {CONFIG}\n"
    assert done.stderr.startswith(message)
    lines, undo, again = (done.stderr.split("`")[number] for number in (3, 5, 7))
    write(root, {".gitattributes": f"{attributes}\n{lines}\n"})
    subprocess.run(["sh", "-ec", f"{undo}\n{again} || true"], cwd=root, check=True, capture_output=True)
    assert servegen(root, "commit").returncode == 0
    assert servegen(root, "verify", "--no-build").returncode == 0


def test_content_that_a_hook_changes_is_reported(root: Path) -> None:
    hook = root / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ngit rm -q --cached {CONFIG}\n", encoding="utf-8")
    hook.chmod(0o755)
    done = servegen(root, "commit")
    assert done.returncode == 3
    assert f"has other content than was rendered: {CONFIG}" in done.stderr


@pytest.mark.parametrize("ignored", ["rendered/", "*", "config/", "*.txt\nkustomization.yaml"])
def test_ignored_files_are_in_the_commit(ignored: str, root: Path) -> None:
    write(root, {".gitignore": f"{ignored}\n!services\n!services/**\n"})
    done = servegen(root, "commit")
    assert (done.returncode, done.stderr.splitlines()[1:]) == (0, [])
    assert servegen(root, "verify", "--no-build").returncode == 0
    assert CONFIG in git(root, "ls-files").splitlines()


@pytest.mark.parametrize("name", [".git", ".gitattributes", ".gitignore", "kustomization.yaml"])
def test_a_config_file_that_git_or_kustomize_reads_is_refused(name: str, root: Path) -> None:
    write(root, {"services/p/a/m-1.yaml": service("1", more=f"config: {{{name}: 'gitdir: ../x'}}\n")})
    for command in ("render", "commit", "validate"):
        done = servegen(root, command)
        assert done.returncode == 1
        assert f"error: the config file {name} has a name that" in done.stderr
    assert not (root / "rendered").exists()

"""What a clone lacks is not the same as what never was: each command that asks history says that it could not look."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Final

import pytest

from tests.support.clones import PLATFORM, clone, committed, filled_clone, git, head, identity, service, write
from tests.support.command import doctor, servegen
from tests.support.on_path import install

NOTE: Final = "this clone is shallow: `git fetch --unshallow` gets the older commits, which were not looked at"
FIRST: Final = "services/p/a/m-1.yaml"


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A remote in which m-1 had the host of m-2, was tested, and was undeployed."""
    filled_clone(tmp_path, _undeploy_first)
    return tmp_path / "remote.git"


def _undeploy_first(here: Path) -> None:
    requires = PLATFORM.replace("requires: none", "requires: test")
    stanzas = "  test: {released: 2026-11-01T10:00:00Z}\n  prod: {released: 2026-11-01T10:00:00Z}\n"
    tested = service("1", host="m.example.com").replace("  prod: {released: 2026-11-01T10:00:00Z}\n", stanzas)
    write(here, {"services/platform.yaml": requires, FIRST: tested})
    committed(here)
    second = service("2", host="m.example.com", day=2)
    write(
        here,
        {
            "services/p/a/m-2.yaml": second.replace(
                "environments:\n", "environments:\n  test: {released: 2026-11-02T10:00:00Z}\n"
            )
        },
    )
    committed(here)
    write(here, {FIRST: tested.replace(stanzas, "  prod: null\n")})
    committed(here)
    write(here, {"services/p/project.yaml": "title: P\n"})
    committed(here, "--push")


@pytest.fixture
def shallow(bare: Path) -> Path:
    """A clone of the last commit only."""
    return clone(bare, "shallow", "--depth=1")


def as_another_user(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run servegen with a git that takes the repository for another user's (setup.c of git)."""
    environment = {**os.environ, "GIT_TEST_ASSUME_DIFFERENT_OWNER": "1"}
    command = [str(install(root.parent)), *arguments]
    return subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False, timeout=60)


COMMANDS: Final = {
    "roll back": ["rollback", "m.example.com", "prod"],
    "roll back to": ["rollback", "m.example.com", "prod", "--to", "m-1"],
    "deploy what was tested": ["deploy", "m-1", "prod"],
}


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_a_shallow_clone_says_what_it_did_not_look_at(command: list[str], shallow: Path, bare: Path) -> None:
    done = servegen(shallow, *command, "--dry-run")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.endswith(f"; {NOTE}\n")
    assert "never" not in done.stderr
    git(shallow, "fetch", "-q", "--unshallow")
    assert servegen(shallow, *command, "--dry-run").returncode == 0
    full = clone(bare, "full")
    assert "shallow" not in servegen(full, "rollback", "m.example.com", "prod", "--to", "m-9").stderr


def test_a_revert_in_a_shallow_clone_is_refused_with_a_way_to_look(bare: Path) -> None:
    here = clone(bare, "there")
    git(here, "revert", "--no-edit", "HEAD~1")
    git(here, "push", "-q", "origin", "HEAD:revert-it")
    shallow = clone(bare, "shallow", "--depth=1", "--branch=revert-it")
    git(shallow, "fetch", "-q", "--depth=1", "origin", "main")
    done = servegen(shallow, "validate", "--base", "FETCH_HEAD")
    assert (done.returncode, done.stderr.count("[H02]"), done.stderr.count(NOTE)) == (1, 2, 2)
    git(shallow, "fetch", "-q", "--unshallow", "origin", "main")
    assert servegen(shallow, "validate", "--base", "FETCH_HEAD").returncode == 0


@pytest.mark.parametrize(("dry", "held"), [("main~3", "main"), ("main", "main~3")], ids=["back", "forward"])
def test_hydrate_in_a_shallow_clone_does_not_guess_the_order(dry: str, held: str, bare: Path) -> None:
    assert servegen(clone(bare, "there"), "hydrate", "--push", "-e", "prod", head(bare, held)).returncode == 0
    shallow = clone(bare, "shallow", "--depth=1", "--branch=main")
    git(shallow, "fetch", "-q", "--depth=1", "origin", head(bare, dry))
    before, revision = head(bare, "environments/prod"), head(shallow, "FETCH_HEAD")
    done = servegen(shallow, "hydrate", "--push", "-e", "prod", revision)
    assert (done.returncode, head(bare, "environments/prod")) == (3, before)
    assert "this clone is shallow, so that the order of" in done.stderr
    git(shallow, *done.stderr.partition("hint: run git ")[2].partition(" first")[0].split(), "--quiet")
    assert servegen(shallow, "hydrate", "--push", "-e", "prod", revision).returncode in (0, 2)
    assert (head(bare, "environments/prod") != before) is (dry == "main")


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_a_repository_of_another_user_is_not_one_without_history(command: list[str], bare: Path) -> None:
    here = clone(bare, "there")
    done = as_another_user(here, *command)
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == (
        "servegen: git refuses to read a repository of another user\n"
        f"  hint: run git config --global --add safe.directory '{here}'\n"
    )


BROKEN: Final = {
    "a .git that names nothing": (
        "rm -r .git; echo gitdir: /nowhere > .git",
        "it names /nowhere, which is no repository",
    ),
    "a .git that is no link": ("rm -r .git; echo x > .git", "invalid gitfile format"),
    "no objects": ("rm -r .git/objects", "not a git repository"),
    "no HEAD": ("rm .git/HEAD", "not a git repository"),
    "settings of a newer git": ("git config core.repositoryFormatVersion 9", "Expected git repo version <= 1, found 9"),
}


# All commands ask Git in the same way: of the other damages, two tell what all would.
TOLD_BY_ALL: Final = ("a .git that names nothing", "settings of a newer git")


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_repository_is_not_one_without_history(name: str, bare: Path) -> None:
    damage, said = BROKEN[name]
    others = (["init", ".", "--ci", "none"], *COMMANDS.values()) if name in TOLD_BY_ALL else ()
    here = clone(bare, "there")
    subprocess.run(["sh", "-ec", damage], cwd=here, check=True)
    for command in (["commit"], ["verify"], *others):
        done = servegen(here, *command)
        assert done.returncode == 3, command
        assert f"git cannot read {here}/.git: {said}" in done.stderr, command
        assert "git init" not in done.stderr, command
    assert "unknown" in doctor(here).stdout
    assert servegen(here, "render", "--check").returncode == 0


def test_the_hint_about_a_moved_repository_connects_its_trees_again(bare: Path, tmp_path: Path) -> None:
    here, linked, moved = clone(bare, "there"), tmp_path / "linked", tmp_path / "moved"
    git(here, "worktree", "add", "-q", str(linked))
    here.rename(moved)
    done = servegen(linked, *COMMANDS["roll back"], "--dry-run")
    assert done.returncode == 3
    git(moved, *done.stderr.partition("run `git ")[2].partition("`")[0].split())
    assert servegen(linked, *COMMANDS["roll back"], "--dry-run").returncode == 0


def test_a_folder_that_hides_git_is_none(bare: Path) -> None:
    here = clone(bare, "there")
    (here / ".git").rename(here / "hidden")
    (here / ".git").mkdir()
    assert "is not in a Git repository" in servegen(here, "commit").stderr


def test_a_damaged_commit_is_not_a_revision_that_never_was(bare: Path) -> None:
    here = clone(bare, "there")
    name = head(here)
    (here / ".git" / "objects" / name[:2] / name[2:]).unlink()
    for command in (["verify", "--no-build"], ["validate", "--base", "main"]):
        done = servegen(here, *command)
        assert (done.returncode, "is not a revision" in done.stderr) == (3, False), done.stderr
        assert "hint: `git fsck` lists what is damaged" in done.stderr
    assert servegen(here, "verify", "--no-build", "nowhere").returncode == 2
    assert servegen(here, "verify", "--no-build", "0" * 40).returncode == 2


def test_init_makes_no_repository_inside_one_of_another_user(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    before = (tmp_path / ".git" / "config").read_text()
    done = as_another_user(tmp_path, "init", ".", "--ci", "none")
    assert (done.returncode, "git refuses to read a repository of another user" in done.stderr) == (3, True)
    assert (tmp_path / ".git" / "config").read_text() == before


def test_doctor_does_not_know_the_hook_of_another_user(bare: Path) -> None:
    assert "unknown" in as_another_user(clone(bare, "there"), "doctor").stdout


@pytest.mark.parametrize(
    "command", [COMMANDS["roll back"], ["validate", "--base", "HEAD~2"], ["verify", "HEAD~2", "--no-build"]]
)
def test_a_partial_clone_without_its_remote_says_so(command: list[str], bare: Path) -> None:
    git(bare, "config", "uploadpack.allowFilter", "true")
    partial = clone(bare, "partial", "--filter=blob:none")
    git(partial, "remote", "set-url", "origin", f"{bare}.gone")
    done = servegen(partial, *command)
    assert done.returncode == 3
    assert "git cannot read" in done.stderr
    assert "a partial clone fetches objects when they are read, so it needs its remote" in done.stderr
    assert "Traceback" not in done.stderr
    git(partial, "remote", "set-url", "origin", f"file://{bare}")
    assert servegen(partial, *command).returncode == 0
    identity(partial)

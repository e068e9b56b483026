"""Names of branches, remotes and revisions that git reads as something else, and the credentials that git prints."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.clones import clone, git, head, remote, service, write
from tests.support.command import servegen

BRANCHES = {
    "HEAD": "a branch is given",
    "-x": "write x",
    "--delete": "write delete",
    "+main": "write main",
    "refs/heads/x": "write x",
    "refs/tags/x": "a branch is given",
    "@{-1}": "a branch is given",
    "@": "a branch is given",
    "FETCH_HEAD": "a branch is given",
    "4f1c2ab4" * 5: "a branch is given",
    "": "a branch is given",
    "a..b": "a branch is given",
}


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A remote with the service m-1."""
    return remote(tmp_path)


@pytest.fixture
def here(bare: Path) -> Path:
    """A clone of the remote, with a change that is not committed."""
    root = clone(bare, "here")
    write(root, {"services/p/b/m-2.yaml": service("2")})
    return root


def refused(root: Path, *arguments: str) -> str:
    """Run a command that must end as a usage error; return what it printed."""
    done = servegen(root, *arguments)
    assert (done.returncode, done.stdout) == (2, ""), done.stdout + done.stderr
    return done.stderr


def test_a_commit_is_pushed_to_a_usable_branch_only(bare: Path, here: Path) -> None:
    before = git(bare, "for-each-ref"), head(here)
    for name, hint in BRANCHES.items():
        said = refused(here, "commit", "--push", f"--branch={name}")
        assert f'found the branch name "{name}", expected a name such as main\n  hint: {hint}' in said
        assert (git(bare, "for-each-ref"), head(here)) == before


def test_branches_of_environments_have_usable_names(bare: Path, here: Path) -> None:
    before = git(bare, "for-each-ref"), git(here, "for-each-ref")
    for name in ("-{environment}", "+{environment}", "refs/heads/{environment}", "{environment}@{1}"):
        for push in (("--push",), ()):
            assert "found the branch name" in refused(here, "hydrate", f"--branch={name}", *push)
            assert (git(bare, "for-each-ref"), git(here, "for-each-ref")) == before


def test_a_registration_is_pushed_to_a_usable_branch_only(bare: Path, here: Path) -> None:
    git(here, "clean", "-fdq")
    before = git(bare, "for-each-ref"), head(here)
    facts = ("v3", "--path=s3://models/m", "--project=p", "--framework=onnx")
    assert 'found the branch name "+main"' in refused(here, "register", "m", *facts, "--push", "--branch=+main")
    assert (git(bare, "for-each-ref"), head(here)) == before


def test_a_revision_is_one_commit(here: Path) -> None:
    before = git(here, "for-each-ref")
    for revision in ("^HEAD", "--all", "--output=x", "HEAD..HEAD", ""):
        for command in (("verify", "--"), ("hydrate", "--"), ("validate", "--base")):
            said = refused(here, *command, revision)
            assert said.startswith(f"servegen: {revision} is not a revision of this repository\n")
    assert git(here, "for-each-ref") == before
    assert not (here / "x").exists()


def test_a_remote_is_one_that_git_lists(here: Path) -> None:
    for name in ("--all", "-x", "../here"):
        said = refused(here, "commit", "--push", f"--remote={name}")
        assert f"there is no remote {name}\n  hint: known remotes: origin" in said


SECRET = "hunter2"


def test_the_credentials_of_a_remote_are_not_printed(here: Path) -> None:
    addresses = {
        f"http://127.0.0.1:9/m.git?private_token={SECRET}": "'http://127.0.0.1:9/m.git?***'",
        f"http://user:{SECRET}/x@127.0.0.1/m.git": "http://***@127.0.0.1/m.git",
        f"nosuchscheme://git@host/m.git?token={SECRET}": "nosuchscheme",
    }
    for address, shown in addresses.items():
        git(here, "remote", "set-url", "origin", address)
        for command in ("commit", "hydrate"):
            done = servegen(here, command, "--push")
            assert done.returncode == 3
            assert "git ls-remote failed: " in done.stderr
            assert shown in done.stderr
            assert SECRET not in done.stdout + done.stderr


def test_a_remote_that_is_an_address_is_masked(here: Path) -> None:
    said = refused(here, "commit", "--push", f"--remote=https://user:{SECRET}@git.example.com/m.git")
    assert "there is no remote https://***@git.example.com/m.git" in said


def test_a_remote_that_is_refused_is_masked(tmp_path: Path) -> None:
    for scheme in ("ftp", "https"):
        said = refused(tmp_path, "init", "m", "--delivery=flux", f"--remote={scheme}://user:{SECRET}@example.com/m.git")
        assert "servegen: --remote: found " in said
        assert SECRET not in said

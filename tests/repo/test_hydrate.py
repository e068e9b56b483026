"""`servegen hydrate`: a branch per environment holds only what is synced, and names the source commit for programs."""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.core.programs.git import Git
from generator.core.programs.kustomize import build
from generator.repo.hydrate import HydrationTarget, hydrate
from generator.repo.hydrator_metadata import DryCommit, metadata, note_text, parse_dry_commit
from generator.repo.specs_commit import SpecsCommit
from tests.conftest import ROOT
from tests.support.clones import PLATFORM, clone, committed, git, head, identity, remote, service, write
from tests.support.command import servegen
from tests.support.on_path import install

CASES: Final = ROOT / "tests" / "cases" / "hydrate"
NOTES: Final = "refs/notes/hydrator.metadata"
PROD: Final = "environments/prod"
IDS: Final = re.compile(r"\b[0-9a-f]{9,64}\b")
# A service in both environments, in addition to m-1 of prod.
BOTH: Final = (
    "model: n\nversion: v1\ntype: triton-server\n"
    "environments:\n  test: {released: 2026-11-01T10:00:00Z}\n  prod: {released: 2026-11-02T10:00:00Z}\n"
)
_id = st.text("0123456789abcdef", min_size=40, max_size=40)
_line = st.text(st.characters(codec="utf-8", exclude_characters="\n"))


def hydrated(root: Path, *options: str) -> str:
    """Run `servegen hydrate`, which must succeed, and return its output with COMMIT for ids of commits."""
    done = servegen(root, "hydrate", *options)
    assert (done.returncode, done.stderr) == (0, "")
    return IDS.sub("COMMIT", done.stdout)


def refused(root: Path, *options: str) -> tuple[int, str]:
    """Run `servegen hydrate`, which must print nothing to standard output; return its exit code and message."""
    done = servegen(root, "hydrate", *options)
    assert done.stdout == ""
    return done.returncode, done.stderr


def tree(folder: Path, revision: str) -> dict[str, str]:
    """The files of a commit: the mode, type and id of each object by its path."""
    listed = git(folder, "ls-tree", "-r", "--full-tree", revision).splitlines()
    return {line.partition("\t")[2]: line.partition("\t")[0] for line in listed}


def recorded(folder: Path, revision: str) -> dict[str, Any]:
    """The content of hydrator.metadata in a branch."""
    facts = json.loads(git(folder, "show", f"{revision}:hydrator.metadata"))
    assert isinstance(facts, dict)
    return facts


def noted(folder: Path, revision: str) -> str:
    """The commit of the specs that the git note on a branch's tip names."""
    return str(json.loads(git(folder, "notes", "--ref", NOTES, "show", head(folder, revision)))["drySha"])


def refs(folder: Path, *below: str) -> str:
    """The refs of a repository and the objects that they point to."""
    return git(folder, "for-each-ref", *below)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A remote with the services m-1 in prod and n-1 in both environments."""
    folder = tmp_path_factory.mktemp("made")
    made = remote(folder)
    write(folder / "first", {"services/p/b/n-1.yaml": BOTH})
    committed(folder / "first", "--push")
    return made


@pytest.fixture
def bare(made: Path, tmp_path: Path) -> Path:
    """A copy of the remote that a test may change."""
    return Path(shutil.copytree(made, tmp_path / "remote.git"))


@pytest.fixture
def here(bare: Path) -> Path:
    """A clone of the remote."""
    return clone(bare, "here")


@pytest.mark.parametrize("message", sorted(CASES.glob("*.txt")), ids=lambda path: path.stem)
def test_the_metadata_of_a_message(message: Path, tmp_path: Path, rewrite: bool) -> None:
    git(tmp_path, "init", "-q", "-b", "main")
    identity(tmp_path)
    git(tmp_path, "config", "user.name", "Déjà Vu")
    dates = {"GIT_AUTHOR_DATE": "2026-11-23T10:00:00+08:00", "GIT_COMMITTER_DATE": "2026-11-24T10:00:00Z"}
    commit = ["git", "commit", "-q", "--allow-empty", "-F", str(message)]
    subprocess.run(commit, cwd=tmp_path, env={**os.environ, **dates}, check=True)
    target = HydrationTarget(PROD, None, proposed=False)
    dry = SpecsCommit(Git(tmp_path), head(tmp_path))
    hydrate(dry.git, "", dry, {}, "https://git.example.com/team/models.git", target)
    text = git(tmp_path, "show", f"{PROD}:hydrator.metadata") + "\n"
    expected = message.with_suffix(".metadata")
    if rewrite:
        expected.write_text(text, encoding="utf-8")
    assert text == expected.read_text(encoding="utf-8")


@given(st.builds(DryCommit, _id, _line, _line, _line, st.text(), st.tuples(_line)), _line)
def test_the_commit_can_be_read_back(dry: DryCommit, repository: str) -> None:
    text = metadata(dry, repository)
    assert parse_dry_commit(text.encode()) == parse_dry_commit(note_text(dry.id).encode()) == dry.id
    facts = json.loads(text)
    assert {"author": dry.author, "date": dry.date, "subject": dry.subject}.items() <= facts.items()


@given(st.binary() | st.text().map(str.encode) | st.just(b"[" * 100_000) | st.just(b'{"drySha": "-"}'))
def test_malformed_metadata_has_no_commit(text: bytes) -> None:
    assert parse_dry_commit(text) is None


@pytest.mark.parametrize("address", ["ssh://git@git.example.com/m.git", "git@git.example.com:m.git", ""])
def test_an_address_that_gives_no_link_is_left_out(address: str) -> None:
    assert "repoURL" not in json.loads(metadata(DryCommit("0" * 40, "", "", "", ""), address))


def test_a_branch_holds_what_its_environment_syncs(here: Path, kustomize: Path) -> None:
    assert hydrated(here) == (
        "environments/test: COMMIT holds test as of COMMIT\nenvironments/prod: COMMIT holds prod as of COMMIT\n"
    )
    main = tree(here, "main")
    overlays = {"test": ["p/b"], "prod": ["p/a", "p/b"]}
    folders = {"test": ["p/b/base/n-1"], "prod": ["p/a/base/m-1", "p/b/base/n-1"]}
    for name, apps in overlays.items():
        wanted = [*folders[name], "platform/main", *(f"{app}/overlays/{name}" for app in apps)]
        inside = tuple(f"rendered/{folder}/" for folder in wanted)
        synced = {path: entry for path, entry in main.items() if path.startswith(inside)}
        found = tree(here, f"environments/{name}")
        assert found.pop("hydrator.metadata").startswith("100644 blob ")
        assert found == synced
        git(here, "worktree", "add", "-q", "--detach", f"../{name}", f"environments/{name}")
        for app in apps:
            folder = f"rendered/{app}/overlays/{name}"
            assert build(here.parent / name / folder, kustomize) == build(here / folder, kustomize) != []
    assert recorded(here, PROD)["drySha"] == noted(here, PROD) == head(here)


def test_a_commit_has_author_and_message_of_the_specs(here: Path) -> None:
    hydrated(here)
    shown = ("log", "-1", "--format=%an <%ae> %ad%n%B")
    text = git(here, *shown, "main")
    source = re.search(r"Servegen-Source: (\w+)", text)
    assert source is not None
    assert sorted(git(here, *shown, PROD).split("\n")) == sorted(text.replace(source[1], head(here)).split("\n"))


def test_work_tree_and_index_stay_as_they_are(here: Path) -> None:
    write(here, {"services/p/a/m-1.yaml": "half a sp", "notes.txt": "mine", "staged.txt": "mine too"})
    git(here, "add", "staged.txt")

    def state() -> dict[str, bytes]:
        skipped = (here / ".git" / "objects", here / ".git" / "refs", here / ".git" / "logs")
        files = (path for path in here.rglob("*") if path.is_file() and not path.is_relative_to(here / ".servegen"))
        return {str(path): path.read_bytes() for path in files if not any(map(path.is_relative_to, skipped))}

    before, at = state(), head(here)
    hydrated(here)
    hydrated(here, "--propose", "--push")
    assert (state(), head(here)) == (before, at)


def test_a_push_moves_no_branch_and_no_note_of_the_clone(bare: Path, here: Path) -> None:
    git(here, "notes", "--ref", NOTES, "add", "-m", "mine")
    before, main = refs(here, "refs/heads", "refs/notes"), head(bare, "main")
    hydrated(here, "--push")
    assert refs(here, "refs/heads", "refs/notes") == before
    assert head(bare, "main") == main == noted(bare, PROD) == noted(bare, "environments/test")


def test_a_second_run_writes_nothing(bare: Path, here: Path) -> None:
    hydrated(here, "--push")
    before = refs(bare)
    assert hydrated(here, "--push") == (
        "environments/test: test has not changed, the branch stays at COMMIT\n"
        "environments/prod: prod has not changed, the branch stays at COMMIT\n"
    )
    assert refs(bare) == before


@pytest.mark.parametrize("options", [("--push",), ()], ids=["remote", "here"])
def test_a_commit_that_changes_an_environment_leaves_the_others_with_a_note(
    bare: Path, here: Path, options: tuple[str, ...]
) -> None:
    place = bare if options else here
    hydrated(here, *options)
    first, test, prod = head(here), head(place, "environments/test"), head(place, PROD)
    write(here, {"services/p/a/m-1.yaml": service("1", more="replicas: 2\n")})
    committed(here)
    assert hydrated(here, *options) == (
        "environments/test: test has not changed, the branch stays at COMMIT\n"
        "environments/prod: COMMIT holds prod as of COMMIT\n"
    )
    assert (head(place, "environments/test"), head(place, f"{PROD}^")) == (test, prod)
    assert recorded(place, "environments/test")["drySha"] == first
    assert noted(place, "environments/test") == noted(place, PROD) == recorded(place, PROD)["drySha"] == head(here)


def test_notes_of_others_stay(bare: Path, here: Path) -> None:
    """git splits many notes into folders; servegen's note must be found in them, and the others kept."""
    blobs = git(here, "ls-tree", "-r", "--object-only", "HEAD").splitlines()
    files = [git(here, "hash-object", "-w", "--stdin", stdin=str(number)) for number in range(150)]
    git(here, "notes", "--ref", NOTES, "add", "-m", "theirs", blobs[0])
    git(here, "notes", "--ref", NOTES, "copy", "--stdin", stdin="".join(f"{blobs[0]} {file}\n" for file in files))
    assert any("/" in path for path in tree(here, NOTES))
    git(here, "push", "-q", "origin", f"{NOTES}:{NOTES}")
    hydrated(here, "--push")
    git(here, "fetch", "-q", "origin", f"{NOTES}:{NOTES}")
    git(here, "notes", "--ref", NOTES, "add", "-m", "git writes all of them anew", blobs[1])
    git(here, "push", "-q", "origin", f"{NOTES}:{NOTES}")
    before = {line.split()[1] for line in git(bare, "notes", "--ref", NOTES, "list").splitlines()}
    write(here, {"services/p/a/m-1.yaml": service("1", more="replicas: 2\n")})
    committed(here)
    hydrated(here, "--push")
    after = {line.split()[1] for line in git(bare, "notes", "--ref", NOTES, "list").splitlines()}
    assert after == before | {head(bare, PROD)}
    assert noted(bare, "environments/test") == head(here)


def test_an_older_commit_leaves_the_newer_branch(bare: Path, here: Path) -> None:
    old = head(here)
    write(here, {"services/p/a/m-1.yaml": service("1", more="replicas: 2\n")})
    committed(here, "--push")
    hydrated(here, "--push")
    before, slow = refs(bare), clone(bare, "slow")
    git(slow, "reset", "-q", "--hard", old)
    git(slow, "update-ref", "-d", "refs/remotes/origin/main")
    assert hydrated(slow, "--push", "-e", "prod") == (
        "environments/prod: unchanged, because COMMIT was made from a later commit than COMMIT\n"
    )
    done = servegen(here, "hydrate", "--push", "-e", "prod", old)
    assert (done.returncode, done.stdout.startswith("environments/prod: unchanged")) == (2, True)
    assert done.stderr.endswith(f"  hint: --back writes the content of {old} as a new commit\n")
    assert hydrated(here, "--push", "-e", "test", old).startswith("environments/test: test has not changed")
    assert refs(bare) == before


@pytest.mark.parametrize("options", [("--push",), ("--push", "--propose")], ids=["active", "proposed"])
def test_a_branch_goes_back_on_request(options: tuple[str, ...], bare: Path, here: Path) -> None:
    git(here, "tag", "v1")
    hydrated(here, *options)
    branch = f"{PROD}-next" if "--propose" in options else PROD
    first = head(bare, branch)
    write(here, {"services/p/a/m-1.yaml": service("1", more="replicas: 2\n")})
    committed(here, "--push")
    hydrated(here, *options)
    newer = head(bare, branch)
    done = servegen(here, "hydrate", *options, "-e", "prod", "v1")
    assert (done.returncode, done.stderr.splitlines()[0]) == (2, f"servegen: {branch} did not go back to v1")
    assert head(bare, branch) == newer
    assert hydrated(here, *options, "-e", "prod", "--back", "v1") == f"{branch}: COMMIT holds prod as of COMMIT\n"
    assert head(bare, f"{branch}^") == newer
    assert head(bare, f"{branch}:rendered") == head(bare, f"{first}:rendered")
    assert recorded(bare, branch)["drySha"] == head(here, "v1")
    again = hydrated(here, *options, "-e", "prod", "--back", "v1")
    assert again == f"{branch}: prod has not changed, the branch stays at COMMIT\n"
    hydrated(here, *options, "-e", "prod")
    assert head(bare, f"{branch}:rendered") == head(bare, f"{newer}:rendered")


def test_files_of_others_stay_on_the_branch(bare: Path, here: Path) -> None:
    hydrated(here, "--push")
    people = clone(bare, "people", f"--branch={PROD}")
    write(
        people, {"CODEOWNERS": "* @ops\n", ".github/workflows/promote.yaml": "on: push\n", "rendered/p/old.yaml": "x"}
    )
    git(people, "add", "--all")
    git(people, "commit", "-qm", "owners")
    git(people, "push", "-q")
    write(here, {"services/p/a/m-1.yaml": service("1", more="replicas: 2\n")})
    committed(here, "--push")
    hydrated(here, "--push")
    names = git(bare, "ls-tree", "-r", "--name-only", PROD).splitlines()
    assert {"CODEOWNERS", ".github/workflows/promote.yaml", "hydrator.metadata"} < set(names)
    assert "rendered/p/old.yaml" not in names
    assert {name for name in names if name.startswith("rendered/")} <= set(git(here, "ls-files").splitlines())
    before = refs(bare)
    hydrated(here, "--push")
    assert refs(bare) == before


def test_a_clone_without_the_later_commit_asks_for_it(bare: Path, here: Path) -> None:
    slow = clone(bare, "slow", "--depth=1")
    write(here, {"services/p/a/m-1.yaml": service("1", more="replicas: 2\n")})
    committed(here, "--push")
    hydrated(here, "--push")
    assert hydrated(slow, "--push", "-e", "prod").startswith("environments/prod: unchanged")


def test_a_history_that_was_rewritten_is_written(bare: Path, here: Path) -> None:
    hydrated(here, "--push")
    write(here, {"services/p/a/m-1.yaml": service("1", more="replicas: 2\n")})
    git(here, "reset", "-q", "--soft", "HEAD^")
    committed(here)
    assert hydrated(here, "--push", "-e", "prod") == "environments/prod: COMMIT holds prod as of COMMIT\n"
    assert recorded(bare, PROD)["drySha"] == head(here)


def test_runs_that_race_for_one_remote(bare: Path, here: Path) -> None:
    """Two pipelines for each commit: all succeed, and the branches end at the last commit."""
    commits = []
    for replicas in (2, 3):
        write(here, {"services/p/a/m-1.yaml": service("1", more=f"replicas: {replicas}\n")})
        committed(here, "--push")
        commits.append(head(here))
    clones = [clone(bare, f"clone-{number}") for number in range(2)]
    program = install(bare.parent)
    slow = [clone(bare, f"slow-{number}") for number in range(2)]
    for root in slow:
        git(root, "reset", "-q", "--hard", commits[0])
    runs = [
        subprocess.Popen([program, "-C", root, "hydrate", "--push"], stderr=subprocess.PIPE, text=True)
        for root in (*slow, *clones)
    ]
    assert [(run.communicate()[1], run.returncode) for run in runs] == [("", 0)] * len(runs)
    assert noted(bare, PROD) == noted(bare, "environments/test") == commits[-1]
    sources = [recorded(bare, one)["drySha"] for one in git(bare, "rev-list", "--reverse", PROD).splitlines()]
    assert sources == [commit for commit in commits if commit in sources]
    assert sources[-1] == commits[-1]
    assert git(bare, "rev-list", "--count", "environments/test") == "1"


def test_a_remote_that_refuses(bare: Path, here: Path) -> None:
    hook = bare / "hooks" / "update"
    hook.write_text('#!/bin/sh\ncase $1 in refs/heads/environments/prod) echo "no bots here" >&2; exit 1;; esac\n')
    hook.chmod(hook.stat().st_mode | stat.S_IXUSR)
    code, said = refused(here, "--push", "-e", "prod")
    assert code == 3
    assert said.startswith("servegen: git cannot write environments/prod: remote: no bots here")
    assert NOTES not in refs(bare)


def test_a_proposal_starts_from_the_active_branch(bare: Path, here: Path) -> None:
    hydrated(here, "--push")
    active = head(bare, PROD)
    write(here, {"services/p/a/m-1.yaml": service("1", more="replicas: 2\n")})
    committed(here, "--push")
    assert hydrated(here, "--push", "--propose") == (
        "environments/test-next: test has not changed, the branch stays at COMMIT\n"
        "environments/prod-next: COMMIT holds prod as of COMMIT\n"
    )
    assert head(bare, PROD) == active == head(bare, f"{PROD}-next^")
    assert head(bare, "environments/test-next") == head(bare, "environments/test")
    assert noted(bare, "environments/test-next") == recorded(bare, f"{PROD}-next")["drySha"] == head(here)


def test_branches_are_called_as_the_delivery_follows_them(tmp_path: Path) -> None:
    bare = remote(tmp_path)
    here = clone(bare, "here")
    delivery = "delivery: {repository: https://git.example.com/m.git, revision: 'refs/heads/live/{environment}/now'}\n"
    write(here, {"services/platform.yaml": PLATFORM + delivery})
    committed(here, "--push")
    hydrated(here, "--push")
    hydrated(here, "--push", "--branch", "env-{environment}", "-e", "prod")
    assert git(bare, "for-each-ref", "--format=%(refname:short)", "refs/heads").split() == [
        "env-prod",
        "live/prod/now",
        "live/test/now",
        "main",
    ]
    assert recorded(bare, "env-prod")["repoURL"] == "https://git.example.com/m.git"


@pytest.mark.parametrize("format_", ["sha1", "sha256"])
def test_a_folder_of_a_repository_in_either_format(tmp_path: Path, format_: str) -> None:
    bare = remote(tmp_path, format_=format_, prefix="platform/models/")
    here = clone(bare, "here")
    hydrated(here / "platform" / "models", "--push")
    found = tree(bare, PROD)
    assert {path.split("rendered/")[0] for path in found} == {"platform/models/", "hydrator.metadata"}
    assert noted(bare, PROD) == head(here)
    before = refs(bare)
    hydrated(here / "platform" / "models", "--push")
    assert refs(bare) == before


def test_commits_are_signed_where_the_clone_signs(here: Path, tmp_path: Path) -> None:
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    for name, value in (("gpg.format", "ssh"), ("user.signingKey", f"{key}.pub"), ("commit.gpgSign", "true")):
        git(here, "config", name, value)
    hydrated(here)
    assert "\ngpgsig -----BEGIN SSH SIGNATURE-----" in git(here, "cat-file", "commit", PROD)


def test_an_environment_that_runs_nothing_has_only_its_metadata(tmp_path: Path) -> None:
    here = clone(remote(tmp_path), "here")
    platform = PLATFORM.replace("managed", "{'80': istio-system/a, '8080': istio-system/b}")
    write(here, {"services/platform.yaml": platform})
    committed(here)
    hydrated(here, "-e", "test")
    assert list(tree(here, "environments/test")) == ["hydrator.metadata"]


def test_a_branch_of_specs_is_never_replaced(tmp_path: Path) -> None:
    bare = remote(tmp_path)
    here = clone(bare, "here")
    write(here, {"services/platform.yaml": PLATFORM.replace("  test:", "  main:")})
    committed(here, "--push")
    before = refs(bare)
    assert refused(here, "--push", "-e", "main", "--branch", "{environment}") == (
        2,
        "servegen: the branch main has services/, which would be deleted\n"
        "  hint: set other branches with --branch; if the branch is for an environment, delete it first\n",
    )
    assert refs(bare) == before


def test_a_branch_that_is_checked_out_is_left_alone(here: Path) -> None:
    hydrated(here)
    git(here, "worktree", "add", "-q", "../live", PROD)
    write(here, {"services/p/a/m-1.yaml": service("1", more="replicas: 2\n")})
    committed(here)
    assert refused(here, "-e", "prod") == (
        2,
        f"servegen: environments/prod is checked out in {here.parent / 'live'}\n"
        "  hint: check out another branch there, or write the remote branch with --push\n",
    )


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("-e", "prd"), 'there is no environment prd\n  hint: did you mean "prod"?'),
        (
            ("--branch", "live"),
            "--branch: live does not contain {environment}\n  hint: for example environments/{environment}",
        ),
        (
            ("--branch", "a..{environment}"),
            'found the branch name "a..test", expected a name such as main\n'
            "  hint: a branch is given without refs/heads/, - or + in front, and is not HEAD or a commit",
        ),
        (("--push", "--remote", "upstream"), "there is no remote upstream\n  hint: known remotes: origin"),
        (
            ("v9",),
            "v9 is not a revision of this repository\n"
            "  hint: use a commit, a branch or a tag; in CI, fetch the target branch and its history first",
        ),
    ],
)
def test_a_mistake_is_reported(here: Path, options: tuple[str, ...], said: str) -> None:
    before = refs(here)
    assert refused(here, *options) == (2, f"servegen: {said}\n")
    assert refs(here) == before

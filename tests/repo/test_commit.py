"""`servegen commit`: it commits only servegen's paths, loses nothing, and on a race merges specs by their content."""

from __future__ import annotations

import os
import re
import signal
import stat
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.support.clones import PLATFORM, clone, committed, git, head, identity, remote, service, whole, write
from tests.support.command import servegen

IDS = re.compile(r"\b[0-9a-f]{9,64}\b")


def refused(root: Path, *options: str, code: int) -> str:
    """Run `servegen commit`, which must exit with `code`; return its output with COMMIT for ids of commits."""
    done = servegen(root, "commit", *options)
    assert done.returncode == code, done.stdout + done.stderr
    return IDS.sub("COMMIT", done.stdout + done.stderr)


def hook(root: Path, name: str, script: str) -> None:
    """Install an executable hook in a clone."""
    path = Path(git(root, "rev-parse", "--absolute-git-dir")) / "hooks" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def state(root: Path) -> tuple[str, str, str, dict[str, bytes]]:
    """HEAD, index, status and specs, which a refused command must leave unchanged."""
    specs = {str(path): path.read_bytes() for path in (root / "services").rglob("*.yaml")}
    return head(root), git(root, "ls-files", "--stage"), git(root, "status", "--porcelain"), specs


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A remote with the service m-1."""
    return remote(tmp_path)


@pytest.fixture
def here(bare: Path) -> Path:
    """A clone of the remote."""
    return clone(bare, "here")


def test_a_commit_has_only_our_folders_and_a_message_about_the_changes(here: Path) -> None:
    before = head(here)
    write(here, {"services/p/b/m-2.yaml": service("2"), "notes.txt": "mine", "staged.txt": "mine too"})
    git(here, "add", "staged.txt")
    assert IDS.sub("COMMIT", committed(here)) == "committed COMMIT: add m-2 in prod\n"
    assert git(here, "log", "-1", "--format=%an <%ae>%n%B") == (
        "Dev <dev@example.com>\n"
        "add m-2 in prod\n\n"
        "- add m-2 in prod (services/p/b/m-2.yaml)\n\n"
        "prod: 1 service new, 1 host new, 1 object new\n\n"
        "Servegen-Version: 1.0.0\n"
        f"Servegen-Source: {before}\n"
        "Servegen-Changed: services/p/b/m-2.yaml"
    )
    names = git(here, "show", "--name-only", "--format=", "HEAD").splitlines()
    assert {name.split("/")[0] for name in names} == {"services", "rendered"}
    assert git(here, "status", "--porcelain") == "A  staged.txt\n?? notes.txt"


def test_nothing_to_commit(here: Path) -> None:
    before = state(here)
    assert committed(here) == "nothing to commit: services/ and rendered/ are the same as in HEAD\n"
    assert state(here) == before


def test_a_dry_run_writes_nothing(here: Path) -> None:
    write(here, {"services/p/a/m-1.yaml": service("1", more="replicas: 2\n")})
    before = state(here)
    assert IDS.sub("COMMIT", committed(here, "--dry-run", "-m", "two replicas")) == (
        "would write   rendered/p/a/base/m-1/resources.yaml\n\n"
        "two replicas\n\n"
        "- change m-1 in prod (services/p/a/m-1.yaml)\n\n"
        "prod: 1 change of capacity\n\n"
        "Servegen-Version: 1.0.0\nServegen-Source: COMMIT\nServegen-Changed: services/p/a/m-1.yaml\n"
    )
    assert state(here) == before


def test_mistakes_in_the_specs_refuse_it(here: Path) -> None:
    write(here, {"services/p/a/m-1.yaml": service("1", more="replica: 2\n")})
    before = state(here)
    assert 'services/p/a/m-1.yaml:4:1: error: found the unknown key "replica" [K01]' in refused(here, code=1)
    assert state(here) == before


def test_what_validate_refuses_is_not_committed(here: Path) -> None:
    near = "affinity: {podAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: 'a b'}]}}\n"
    write(here, {"services/p/b/m-2.yaml": service("2") + near})
    before = state(here)
    assert 'topologyKey: found "a b", expected a key' in refused(here, code=1)
    assert state(here) == before


def test_a_rendered_file_with_manual_changes_is_not_overwritten(here: Path) -> None:
    file = here / "rendered/p/a/base/m-1/resources.yaml"
    file.write_text("mine\n", encoding="utf-8")
    assert "this file was changed by hand and is not in Git" in refused(here, code=1)
    assert file.read_text(encoding="utf-8") == "mine\n"


def test_a_rule_of_gitignore_takes_no_rendered_file_away(here: Path) -> None:
    write(here, {".gitignore": "base/\n", "services/p/c/m-3.yaml": service("3")})
    committed(here)
    assert "rendered/p/c/base/m-3/resources.yaml" in git(here, "ls-files")


@pytest.mark.parametrize("name", ["pre-commit", "commit-msg"])
def test_a_hook_that_refuses_leaves_everything_as_it_was(here: Path, name: str) -> None:
    hook(here, name, "echo not today >&2; exit 1")
    write(here, {"services/p/b/m-2.yaml": service("2")})
    before = head(here), git(here, "ls-files", "--stage")
    assert "servegen: git commit failed: not today" in refused(here, code=3)
    assert (head(here), git(here, "ls-files", "--stage")) == before
    assert (here / "services/p/b/m-2.yaml").is_file()


def test_a_hook_that_refuses_a_push_leaves_the_commit_here(here: Path) -> None:
    hook(here, "pre-push", "echo not on Fridays >&2; exit 1")
    write(here, {"services/p/b/m-2.yaml": service("2")})
    said = refused(here, "--push", code=3)
    assert said.startswith("committed COMMIT: add m-2 in prod\nservegen: origin rejected the push: not on Fridays")
    assert said.endswith("the commit COMMIT is in this clone but not pushed; `servegen commit --push` tries again\n")
    (Path(git(here, "rev-parse", "--absolute-git-dir")) / "hooks" / "pre-push").unlink()
    assert "origin/main is at" in committed(here, "--push")


def test_the_hint_about_a_protected_branch_leads_to_a_pull_request(bare: Path, here: Path) -> None:
    update = bare / "hooks" / "update"
    update.parent.mkdir(exist_ok=True)
    update.write_text('#!/bin/sh\n[ "$1" != refs/heads/main ]\n', encoding="utf-8")
    update.chmod(0o755)
    write(here, {"services/p/b/m-2.yaml": service("2")})
    said = refused(here, "--push", code=3)
    assert said.endswith("tries again, and with `--branch NAME` pushes to a branch for a pull request\n")
    assert "origin/add-m-2 is at" in committed(here, "--push", "--branch", "add-m-2")
    assert head(bare, "add-m-2") == head(here)


@pytest.mark.parametrize("under_way", ["merge", "rebase", "cherry-pick", "revert"])
def test_what_git_waits_for_comes_first(here: Path, under_way: str) -> None:
    git(here, "switch", "-qc", "other")
    write(here, {"file": "theirs"})
    git(here, "add", "file")
    git(here, "commit", "-qm", "theirs")
    git(here, "switch", "-q", "main")
    write(here, {"file": "ours"})
    git(here, "add", "file")
    git(here, "commit", "-qm", "ours")
    write(here, {"file": "ours again"})
    git(here, "commit", "-qam", "again")
    target = "HEAD~1" if under_way == "revert" else "other"
    with pytest.raises(AssertionError):
        git(here, *under_way.split(), target)
    assert refused(here, code=2) == (
        f"servegen: a {under_way} is in progress in this repository\n"
        f"  hint: finish it first: `git {under_way} --continue` or `git {under_way} --abort`\n"
    )


def test_the_rest_of_several_commits_and_other_sessions_of_git_come_first(here: Path) -> None:
    for text in ("1", "2", "3"):
        write(here, {"file": text})
        git(here, "add", "file")
        git(here, "commit", "-qm", text)
    patch = git(here, "format-patch", "--stdout", "-1", "HEAD~1")
    git(here, "bisect", "start")
    hint = "end it first: `git bisect reset`, which leaves a commit that is made now behind"
    assert refused(here, code=2) == f"servegen: a bisect is in progress in this repository\n  hint: {hint}\n"
    git(here, "bisect", "reset")
    with pytest.raises(AssertionError):
        git(here, "am", stdin=f"{patch}\n")
    hint = "finish it first: `git am --continue` or `git am --abort`"
    assert refused(here, code=2) == f"servegen: an am is in progress in this repository\n  hint: {hint}\n"
    git(here, "am", "--abort")
    with pytest.raises(AssertionError):
        git(here, "revert", "--no-edit", "HEAD~1", "HEAD")
    write(here, {"file": "4"})
    git(here, "commit", "-qam", "4")
    hint = "finish it first: `git revert --continue` or `git revert --abort`"
    assert refused(here, code=2) == f"servegen: a revert is in progress in this repository\n  hint: {hint}\n"
    git(here, "revert", "--abort")
    assert "nothing to commit" in committed(here)


def test_a_sparse_check_out_is_no_whole_fleet(bare: Path, here: Path) -> None:
    write(clone(bare, "there"), {"services/p/b/m-2.yaml": service("2")})
    committed(bare.parent / "there", "--push")
    git(here, "pull", "-q")
    git(here, "sparse-checkout", "set", "services/p/b", "rendered")
    write(here, {"services/p/b/m-3.yaml": service("3")})
    before = state(here)
    assert refused(here, code=2) == (
        "servegen: services/p/a/m-1.yaml is not checked out, but a commit needs the whole fleet\n"
        "  hint: git sparse-checkout add services rendered templates, or git sparse-checkout disable\n"
    )
    assert state(here) == before
    git(here, "sparse-checkout", "add", "services", "rendered", "templates")
    assert IDS.sub("COMMIT", committed(here)) == "committed COMMIT: add m-3 in prod\n"
    whole(here)


def test_own_templates_that_are_not_committed(here: Path) -> None:
    write(here, {"templates/servers/own/server.yaml": "description: ours\n"})
    assert refused(here, code=2) == (
        "servegen: templates/servers/own/server.yaml has uncommitted changes, and the commit would contain what it "
        "renders\n  hint: commit templates/ first: git add templates && git commit -- templates\n"
    )


def test_two_who_add_services_both_land(bare: Path, here: Path) -> None:
    there = clone(bare, "there")
    write(here, {"services/p/b/m-2.yaml": service("2")})
    write(there, {"services/p/a/m-3.yaml": service("3"), "mine.txt": "not committed"})
    committed(here, "--push")
    committed(there, "--push", "-m", "three")
    assert git(there, "status", "--porcelain") == "?? mine.txt"
    assert (
        git(there, "log", "--format=%s", "-3")
        == "three\nadd m-2 in prod\n1 service and 1 platform file changed in prod"
    )
    assert f"Servegen-Source: {head(there, 'HEAD~1')}\n" in git(there, "log", "-1", "--format=%B") + "\n"
    assert head(bare, "main") == head(there)
    (there / "mine.txt").unlink()
    whole(there)


def test_two_edits_of_one_file_keep_both_and_their_comments(bare: Path, here: Path) -> None:
    there, file = clone(bare, "there"), "services/p/a/m-1.yaml"
    write(here, {file: service("1", more="replicas: 2   # enough\n")})
    write(there, {file: service("1", more="# as measured\nresources: {memory: 4G}   # on a T4\n")})
    committed(here, "--push")
    committed(there, "--push")
    both = "replicas: 2   # enough\n# as measured\nresources: {memory: 4G}   # on a T4\n"
    assert (there / file).read_text(encoding="utf-8") == service("1", more=both)
    whole(there)


def test_a_comment_that_would_be_lost_is_a_conflict(bare: Path, here: Path) -> None:
    there, file = clone(bare, "there"), "services/p/a/m-1.yaml"
    write(here, {file: service("1", more="replicas: 2\n")})
    write(there, {file: service("1", more="resources: {memory: 4G}\n").replace("-server", "-server   # tested")})
    committed(here, "--push")
    assert "  services/p/a/m-1.yaml: the same lines\n" in refused(there, "--push", code=2)


def test_commits_of_other_files_go_too(bare: Path, here: Path) -> None:
    there = clone(bare, "there")
    write(here, {"services/p/b/m-2.yaml": service("2")})
    committed(here, "--push")
    write(there, {"README.md": "about\n"})
    git(there, "add", "README.md")
    git(there, "commit", "-qm", "readme")
    write(there, {"services/p/b/m-3.yaml": service("3")})
    committed(there, "--push")
    assert git(there, "log", "--format=%s", "-3") == "add m-3 in prod\nreadme\nadd m-2 in prod"
    assert git(bare, "show", "main:README.md") == "about"
    whole(there)


def test_two_that_are_fine_alone_and_wrong_together(bare: Path, here: Path) -> None:
    there = clone(bare, "there")
    write(here, {"services/p/b/m-2.yaml": service("2", host="x.example.com")})
    write(there, {"services/p/a/m-3.yaml": service("3", host="x.example.com", day=2)})
    committed(here, "--push")
    said = refused(there, "--push", code=1)
    assert "error: m-2 has the same host as m-3, which is in another app (in prod) [H01]" in said
    assert "servegen: COMMIT cannot be rebased onto origin/main: together they have these findings\n" in said
    assert head(bare, "main") == head(here)
    assert git(there, "status", "--porcelain") == ""
    assert not (there / "services/p/b/m-2.yaml").exists()


def test_the_same_key_changed_differently(bare: Path, here: Path) -> None:
    there, file = clone(bare, "there"), "services/p/a/m-1.yaml"
    write(here, {file: service("1", more="replicas: 2\n")})
    write(there, {file: service("1", more="replicas: 3\n")})
    committed(here, "--push")
    assert refused(there, "--push", code=2) == (
        "committed COMMIT: change m-1 in prod\n"
        "servegen: COMMIT and origin/main have conflicting changes:\n"
        "  services/p/a/m-1.yaml: replicas, local line 4, remote line 4\n"
        "  hint: git pull --rebase origin main, resolve services/ by hand, servegen render, git add, "
        "git rebase --continue; "
        "the commit COMMIT is in this clone but not pushed; `servegen commit --push` tries again\n"
    )
    assert (there / file).read_text(encoding="utf-8") == service("1", more="replicas: 3\n")
    assert head(bare, "main") == head(here)


@pytest.mark.parametrize("branch", ["main", "team/main"])
def test_the_hint_after_a_conflict_works_in_a_clone_without_an_upstream(bare: Path, here: Path, branch: str) -> None:
    there, file = clone(bare, "there"), "services/p/a/m-1.yaml"
    write(here, {file: service("1", more="replicas: 2\n")})
    committed(here, "--push", "--branch", branch)
    git(there, "branch", "--unset-upstream")
    write(there, {file: service("1", more="replicas: 3\n")})
    error = refused(there, "--push", "--branch", branch, code=2)
    pull = error.partition("hint: ")[2].partition(",")[0]
    done = subprocess.run(pull.split(), cwd=there, capture_output=True, text=True, check=False)
    assert "CONFLICT (content): Merge conflict in services/p/a/m-1.yaml" in done.stdout, done.stderr
    write(there, {file: service("1", more="replicas: 3\n")})
    assert servegen(there, "render").returncode == 0
    git(there, "add", "services", "rendered")
    git(there, "-c", "core.editor=true", "rebase", "--continue")
    committed(there, "--push", "--branch", branch)
    assert head(bare, branch) == head(there)


def test_what_is_not_committed_here_is_never_overwritten(bare: Path, here: Path) -> None:
    write(here, {"notes.txt": "theirs\n"})
    git(here, "add", "notes.txt")
    git(here, "commit", "-qm", "notes")
    git(here, "push", "-q")
    there = clone(bare, "there")
    write(here, {"notes.txt": "theirs, again\n"})
    git(here, "commit", "-qam", "notes")
    git(here, "push", "-q")
    write(there, {"notes.txt": "mine\n", "services/p/b/m-2.yaml": service("2")})
    said = refused(there, "--push", code=3)
    assert "servegen: the remote changed files with uncommitted changes here: " in said
    assert (there / "notes.txt").read_text(encoding="utf-8") == "mine\n"
    assert head(bare, "main") == head(here)


def test_templates_of_the_other_side_render(bare: Path, here: Path) -> None:
    there, server = clone(bare, "there"), "templates/servers/triton-server/server.yaml"
    catalog = (ROOT / server).read_text(encoding="utf-8")
    changed = re.sub(r"(?m)^  image: .*$", "  image: example/triton:own", catalog)
    assert changed != catalog
    write(here, {server: changed})
    git(here, "add", "templates")
    git(here, "commit", "-qm", "our own server")
    committed(here, "--push")
    write(there, {"services/p/b/m-3.yaml": service("3")})
    committed(there, "--push")
    assert "example/triton:own" in (there / "rendered/p/b/base/m-3/resources.yaml").read_text(encoding="utf-8")
    whole(there)


@pytest.mark.parametrize("format_", ["sha1", "sha256"])
@pytest.mark.parametrize("prefix", ["", "platform/models/"])
def test_a_folder_of_a_repository_in_either_format(tmp_path: Path, format_: str, prefix: str) -> None:
    bare = remote(tmp_path, format_=format_, prefix=prefix)
    here, there = clone(bare, "here"), clone(bare, "there")
    write(here / prefix, {"services/p/b/m-2.yaml": service("2")})
    write(there / prefix, {"services/p/b/m-3.yaml": service("3")})
    committed(here / prefix, "--push")
    committed(there / prefix, "--push")
    whole(there / prefix)
    assert head(bare, "main") == head(there)


def test_a_shallow_clone(bare: Path, here: Path) -> None:
    there = clone(bare, "there", "--depth=1")
    write(here, {"services/p/b/m-2.yaml": service("2")})
    write(there, {"services/p/b/m-3.yaml": service("3")})
    committed(here, "--push")
    committed(there, "--push")
    assert git(there, "rev-parse", "--is-shallow-repository") == "true"
    whole(there)


def test_lines_that_git_ends_otherwise_here_are_no_change(bare: Path) -> None:
    there = clone(bare, "there", "-c", "core.autocrlf=true")
    file = there / "services/p/a/m-1.yaml"
    assert b"\r\n" in file.read_bytes()
    assert committed(there).startswith("nothing to commit")
    file.write_bytes(file.read_bytes() + b"replicas: 2\r\n")
    assert IDS.sub("COMMIT", committed(there, "--push")).startswith("committed COMMIT: change m-1 in prod\n")
    assert git(there, "log", "-1", "--format=%(trailers:key=Servegen-Changed,valueonly)") == "services/p/a/m-1.yaml"
    whole(there)


def test_commits_are_signed_where_the_clone_signs(bare: Path, here: Path, tmp_path: Path) -> None:
    """The commit made by git, and the one put on top of others' commits; a signature that fails changes nothing."""
    key, there = tmp_path / "key", clone(bare, "there")
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(key)]
    subprocess.run(command, check=True, capture_output=True)
    for name, value in (("gpg.format", "ssh"), ("user.signingKey", f"{key}.pub"), ("commit.gpgSign", "true")):
        git(there, "config", name, value)
    write(here, {"services/p/b/m-2.yaml": service("2")})
    write(there, {"services/p/b/m-3.yaml": service("3")})
    committed(here, "--push")
    made = committed(there)
    assert "\ngpgsig -----BEGIN SSH SIGNATURE-----" in git(there, "cat-file", "commit", "HEAD"), made
    committed(there, "--push")
    assert git(bare, "rev-parse", "main^") == head(here)
    assert "\ngpgsig -----BEGIN SSH SIGNATURE-----" in git(bare, "cat-file", "commit", "main")
    key.unlink()
    write(there, {"services/p/b/m-4.yaml": service("4")})
    before = head(there), git(there, "ls-files", "--stage")
    assert "servegen: git commit failed: " in refused(there, code=3)
    assert (head(there), git(there, "ls-files", "--stage")) == before


def test_a_linked_work_tree(bare: Path, here: Path) -> None:
    git(here, "worktree", "add", "-q", "-b", "feature", "../linked")
    linked = here.parent / "linked"
    write(linked, {"services/p/b/m-2.yaml": service("2")})
    committed(linked, "--push")
    assert head(bare, "feature") == head(linked)
    whole(linked)
    whole(here)


def test_a_detached_head_needs_a_branch_to_push(bare: Path, here: Path) -> None:
    git(here, "switch", "-q", "--detach")
    write(here, {"services/p/b/m-2.yaml": service("2")})
    assert refused(here, "--push", code=2) == (
        "servegen: HEAD is detached, so there is no branch to push to\n  hint: use --branch, such as --branch main\n"
    )
    committed(here, "--push", "--branch", "main")
    assert head(bare, "main") == head(here)


def test_a_detached_head_goes_on_top_of_others_too(bare: Path, here: Path) -> None:
    there = clone(bare, "there")
    git(there, "switch", "-q", "--detach")
    write(here, {"services/p/b/m-2.yaml": service("2")})
    write(there, {"services/p/b/m-3.yaml": service("3")})
    committed(here, "--push")
    committed(there, "--push", "--branch", "main")
    assert head(bare, "main") == head(there)
    assert git(there, "branch", "--show-current") == ""
    whole(there)


def test_a_first_commit_to_an_empty_remote(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "--bare", "-b", "main", "remote.git")
    root = tmp_path / "root"
    git(tmp_path, "init", "-q", "-b", "main", "root")
    identity(root)
    write(root, {"services/platform.yaml": PLATFORM})
    assert "there is no remote origin" in refused(root, "--push", code=2)
    git(root, "remote", "add", "origin", "../remote.git")
    committed(root, "--push")
    assert head(tmp_path / "remote.git", "main") == head(root)


def test_a_folder_in_no_repository(tmp_path: Path) -> None:
    write(tmp_path, {"services/platform.yaml": "servegen: ~=1.0\n"})
    assert refused(tmp_path, code=2).endswith("is not in a Git repository\n  hint: run `git init`\n")


@pytest.mark.parametrize("how", ["merge", "rebase"])
def test_git_never_merges_rendered_lines(bare: Path, here: Path, how: str) -> None:
    """Both sides change different lines of a rendered file: git would merge them, and the hash in it would be wrong."""
    there, file = clone(bare, "there"), "services/p/a/m-1.yaml"
    write(here, {file: service("1", more="replicas: 2\n")})
    write(there, {file: service("1", more="resources: {memory: 4G}\n")})
    committed(here, "--push")
    committed(there)
    git(there, "fetch", "-q")
    mine = git(there, "show", "HEAD:rendered/p/a/base/m-1/resources.yaml")
    theirs = git(there, "show", "origin/main:rendered/p/a/base/m-1/resources.yaml")
    with pytest.raises(AssertionError):
        git(there, how, "origin/main")
    conflicts = git(there, "diff", "--name-only", "--diff-filter=U").splitlines()
    assert "rendered/p/a/base/m-1/resources.yaml" in conflicts
    text = (there / "rendered/p/a/base/m-1/resources.yaml").read_text(encoding="utf-8").rstrip("\n")
    assert text in (mine, theirs)
    write(there, {file: service("1", more="replicas: 2\nresources: {memory: 4G}\n")})
    assert servegen(there, "render").returncode == 0
    git(there, "add", "services", "rendered")
    git(there, "-c", "core.editor=true", how, "--continue")
    whole(there)


def test_a_branch_without_a_push_is_reported(tmp_path: Path) -> None:
    done = servegen(clone(remote(tmp_path), "dev"), "commit", "--branch", "main")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("servegen: --branch has no effect without --push\n")


def test_background_work_of_the_remote_after_a_push_is_not_awaited(tmp_path: Path) -> None:
    """A remote on the same disk collects garbage in a process started by servegen's push, which may take minutes."""
    bare = remote(tmp_path)
    dev, pid = clone(bare, "dev"), tmp_path / "pid"
    hook = bare / "hooks" / "post-update"
    hook.write_text(f"#!/bin/sh\ntail -f /dev/null </dev/null >/dev/null 2>&1 &\necho $! >>{pid}\n", encoding="utf-8")
    hook.chmod(0o755)
    write(dev, {"services/p/a/m-2.yaml": service("2", day=2)})
    committed(dev, "--push")
    try:
        write(dev, {"services/p/a/m-3.yaml": service("3", day=3)})
        committed(dev, "--push")
    finally:
        for one in pid.read_text("utf-8").split():
            os.kill(int(one), signal.SIGTERM)
    assert head(dev) == head(bare, "main")

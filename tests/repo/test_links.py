"""Nothing behind a link of a repository is read or written: in `.servegen/`, `templates/`, and in revisions of Git."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from tests.support.clones import PLATFORM, committed, git, head, identity, repository, service, write
from tests.support.command import doctor, servegen

SECRET: Final = "https://user:hunter2@example.com\n"
LINK: Final = "found a symbolic link, which servegen does not follow [F08]"
SPEC: Final = "services/p/a/m-1.yaml"
WRITERS: Final = (["render"], ["commit"], ["undeploy", "m-1", "prod"])
VALIDATE: Final = ["validate", "--engine", "embedded"]
READERS: Final = (VALIDATE, ["render", "--check"], ["list"])


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A rendered repository whose specs have changed, and beside it a file that is not for everybody's eyes."""
    labels = service("1", more="config: {labels.txt: cat}\n")
    root = repository(tmp_path / "here", labels)
    write(root, {SPEC: labels.replace("cat", "a b c")})
    write(tmp_path, {"secret": SECRET, "folder/debug.yaml": SECRET, "folder/x.yaml.j2": SECRET})
    return root


def _outside(root: Path) -> dict[str, bytes]:
    paths = (path for path in root.parent.rglob("*") if not path.is_relative_to(root) and path.is_file())
    return {path.name: path.read_bytes() for path in paths}


@pytest.mark.parametrize("command", WRITERS, ids=lambda command: command[0])
def test_no_file_of_the_state_folder_is_a_link(command: list[str], root: Path) -> None:
    before, spec = _outside(root), (root / SPEC).read_bytes()
    for name in ("next", "written", "written.new", "lock", "move", "git", ".gitignore", "other"):
        state = root / ".servegen" / name
        state.unlink(missing_ok=True)
        state.symlink_to("../../secret")
        done = servegen(root, *command)
        assert _outside(root) == before, name
        assert "hunter2" not in done.stdout + done.stderr
        if command[0] == "undeploy" and done.returncode == 0:  # it did not need the file
            (root / SPEC).write_bytes(spec)
        else:
            assert done.returncode == 1, name
            assert f".servegen/{name}:1:1: error: {LINK}\n" in done.stderr
        state.unlink()
    assert servegen(root, *command).returncode == 0


@pytest.mark.parametrize("command", [*WRITERS, VALIDATE], ids=lambda command: command[0])
def test_the_state_folder_is_no_link(command: list[str], root: Path) -> None:
    (root / ".servegen").rename(root.parent / "old")
    before = _outside(root)
    for target in ("../folder", "../nothing", ".git"):
        (root / ".servegen").symlink_to(target)
        done = servegen(root, *command)
        assert _outside(root) == before, target
        assert done.returncode == 1, target
        hint = "delete the link; servegen creates a folder there when it needs one"
        assert done.stderr.splitlines()[0] == f".servegen:1:1: error: {LINK}"
        assert f"  hint: {hint}" in done.stderr.splitlines()
        (root / ".servegen").unlink()
    assert servegen(root, *command).returncode == 0


def test_state_in_git_is_an_error(root: Path) -> None:
    write(root, {".servegen/move": "a b"})
    git(root, "add", "--force", ".servegen")
    git(root, "commit", "-qm", "state")
    message = "found .servegen/ in Git, which holds the state of one work tree [F11]"
    for command in (["render"], VALIDATE, ["commit"]):
        done = servegen(root, *command)
        assert done.returncode == 1
        assert done.stderr.splitlines()[0] == f".servegen/.gitignore:1:1: error: {message}"
        assert "  hint: git rm -r --cached .servegen" in done.stderr.splitlines()
    verified = servegen(root, "verify", "--no-build")
    assert (verified.returncode, message in verified.stderr) == (1, True)
    git(root, "rm", "-qr", "--cached", ".servegen")
    for command in (["render"], VALIDATE, ["commit"]):
        assert servegen(root, *command).returncode == 0


@pytest.mark.parametrize("form", [("--index-version", "4"), ("--split-index",)], ids=["compressed", "split"])
def test_state_in_the_git_of_a_monorepo_with_another_form_of_index_is_an_error(
    form: tuple[str, ...], root: Path
) -> None:
    folder = root / "deploy"
    write(folder, {"services/platform.yaml": PLATFORM, SPEC: service("1"), ".servegen/next": "x", ".servegem": ""})
    git(root, "add", "--all", "--force")
    git(root, "update-index", *form)
    assert "found .servegen/ in Git" in servegen(folder, *VALIDATE).stderr


def test_a_new_spec_is_not_written_through_a_link(root: Path) -> None:
    before = _outside(root)
    (root / "services" / "q").symlink_to("../../folder")
    new = ["new", "m", "v2", "--project", "q", "--app", "b", "--type", "triton-server"]
    done = servegen(root, *new)
    assert _outside(root) == before
    assert (done.returncode, f"services/q:1:1: error: {LINK}" in done.stderr) == (1, True)


TO_FILE: Final = (
    "templates/stages/debug.yaml",
    "templates/defaults.yaml",
    "templates/cards.yaml",
    "templates/gpu/nvidia.yaml.j2",
    "templates/service/base/deployment.yaml.j2",
    "templates/service/base/extra.yaml.j2",
    "templates/servers/own/server.yaml",
    "templates/schemas/example.com/thing_v1.json",
    "templates/.hidden",
)
TO_FOLDER: Final = ("templates", "templates/stages", "templates/servers/own", "templates/schemas")


@pytest.mark.parametrize("paths", [TO_FILE, *((path,) for path in TO_FOLDER)], ids=lambda paths: paths[0])
def test_no_template_is_a_link(paths: tuple[str, ...], root: Path) -> None:
    for path in paths:
        link = root / path
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(root.parent / ("secret" if path in TO_FILE else "folder"))
    hint = "  hint: replace the link with the file itself\n\n"
    for command in READERS:
        done = servegen(root, *command)
        assert "hunter2" not in done.stdout + done.stderr
        if command[0] in ("validate", "render"):
            assert done.returncode == 1
            errors = "".join(f"{path}:1:1: error: {LINK}\n{hint}" for path in sorted(paths))
            assert done.stderr == f"{errors}{len(paths)} error{'s' if len(paths) > 1 else ''}\n"
    done = doctor(root)
    assert "hunter2" not in done.stdout + done.stderr
    for path in paths:
        (root / path).unlink()
    assert servegen(root, *VALIDATE).returncode == 0


@pytest.mark.parametrize("make", [os.mkfifo, lambda path: path.symlink_to("nothing-there")], ids=["pipe", "dangling"])
def test_a_template_that_is_no_file(make: Callable[[Path], None], root: Path) -> None:
    path = root / "templates" / "stages" / "debug.yaml"
    path.parent.mkdir(parents=True)
    make(path)
    done = servegen(root, *VALIDATE)
    assert done.returncode == 1
    assert done.stderr.startswith("templates/stages/debug.yaml:1:1: error: found a s")


@pytest.mark.parametrize(
    "paths", [("services/p/b/m-2.yaml", "services/q", "templates/stages/debug.yaml"), ("templates",)], ids=len
)
def test_links_of_a_revision_are_reported(paths: tuple[str, ...], root: Path) -> None:
    committed(root)
    for path in paths:
        link = root / path
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(root.parent / "secret")
    git(root, "add", "--all")
    git(root, "commit", "-qm", "a change")
    for path in paths:
        (root / path).unlink()
    done = servegen(root, "verify", "--no-build")
    assert done.returncode == 1
    assert [line for line in done.stderr.splitlines() if "error: " in line] == [
        f"{path}:1:1: error: {LINK}" for path in paths
    ]
    assert "hunter2" not in done.stderr


@pytest.mark.parametrize("top", ["templates", "services"])
def test_a_tree_that_leads_out_of_its_folder_is_not_written(top: str, root: Path) -> None:
    committed(root)
    blob = git(root, "hash-object", "-w", "--stdin", stdin="x")
    tree = git(root, "mktree", stdin=f"100644 blob {blob}\tevil.yaml\n")
    for _ in range(2):
        tree = git(root, "mktree", stdin=f"040000 tree {tree}\t..\n")
    entries = [line for line in git(root, "ls-tree", "HEAD").splitlines() if not line.endswith(f"\t{top}")]
    everything = git(root, "mktree", stdin="\n".join([*entries, f"040000 tree {tree}\t{top}\n"]))
    commit = git(root, "commit-tree", "-p", "HEAD", "-m", "a change", everything)
    done = servegen(root, "verify", "--no-build", commit)
    assert (done.returncode, done.stdout) == (3, "")
    message = f"servegen: {commit} has the path {top}/../../evil.yaml, which leads out of its folder\n"
    assert done.stderr.startswith(message)
    assert not Path(tempfile.gettempdir(), "evil.yaml").exists()


SUBMODULE: Final = "found a submodule, which servegen does not read [F08]"


@pytest.mark.parametrize("paths", [("rendered/p/b", "services/q", "templates/servers/own"), ("templates",)], ids=len)
def test_submodules_of_a_revision_are_reported(paths: tuple[str, ...], root: Path) -> None:
    committed(root)
    for path in paths:
        git(root, "update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},{path}")
    git(root, "commit", "-qm", "a change")
    done = servegen(root, "verify", "--no-build")
    assert done.returncode == 1
    assert [line for line in done.stderr.splitlines() if "error: " in line] == [
        f"{path}:1:1: error: {SUBMODULE}" for path in paths
    ]


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with a spec, of which others make a submodule."""
    team = tmp_path_factory.mktemp("team")
    git(team, "init", "-q")
    identity(team)
    write(team, {"b/m-2.yaml": service("2")})
    git(team, "add", "--all")
    git(team, "commit", "-qm", "team")
    return team


def _embed(root: Path, team: Path, way: str, paths: tuple[str, ...]) -> None:
    for path in paths:
        if way == "clone":
            git(root, "clone", "-q", str(team), path)
        elif way == "repository":
            git(root, "init", "-q", path)
        else:
            git(root, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(team), path)
    if way == "not checked out":
        git(root, "submodule", "--quiet", "deinit", "--force", *paths)
    if way == "compressed index":
        git(root, "update-index", "--index-version", "4")


@pytest.mark.parametrize("way", ["submodule", "not checked out", "compressed index", "clone", "repository"])
def test_submodules_of_a_work_tree_are_reported(way: str, root: Path, team: Path) -> None:
    committed(root)
    before = head(root)
    ours, own = ("rendered/p/b", "services/p/a/deep", "services/q"), ("templates/servers/own",)
    # A commit does not get as far with a template that is not in Git.
    for new, there, commands in ((ours, ours, (["commit"],)), (own, ours + own, (["render"], VALIDATE))):
        _embed(root, team, way, new)
        for command in commands:
            done = servegen(root, *command)
            assert done.returncode == 1, command
            reported = [line for line in done.stderr.splitlines() if "[F08]" in line]
            assert reported == [f"{path}:1:1: error: {SUBMODULE}" for path in there]
    assert head(root) == before


def test_a_submodule_beside_our_folders_is_not_ours(root: Path) -> None:
    committed(root)
    git(root, "init", "-q", "training")
    git(root, "update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},training")
    assert servegen(root, "render").returncode == 0
    assert "nothing to commit" in committed(root)


def test_the_hint_about_a_submodule_makes_its_files_ours(root: Path) -> None:
    git(root.parent, "init", "-q", "team")
    identity(root.parent / "team")
    write(root.parent / "team", {"b/m-2.yaml": service("2")})
    git(root.parent / "team", "add", "--all")
    git(root.parent / "team", "commit", "-qm", "team")
    git(root, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", "../team", "services/team")
    hint = servegen(root, "render").stderr.partition("  hint: ")[2].splitlines()[0]
    assert hint.endswith("move services/team/.git away, and run `git rm --cached --force services/team`")
    (root / "services/team/.git").unlink()
    git(root, "rm", "-q", "--cached", "--force", "services/team")
    assert "services/team" not in servegen(root, "render").stderr

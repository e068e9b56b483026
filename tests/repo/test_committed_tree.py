"""A commit holds what was read and rendered, or there is none, and the command says why for each file."""

from __future__ import annotations

import subprocess
from collections.abc import Collection
from pathlib import Path
from typing import Final

import pytest

from tests.support.clones import PLATFORM, clone, committed, git, head, identity, remote, service, whole, write
from tests.support.command import servegen

CONFIG: Final = "rendered/p/a/base/m-1/config/a.txt"
SPEC: Final = "services/p/a/m-1.yaml"
TEXT: Final = '"one\\r\\ntwo $Id: x $\\r\\n"'
WITH_CONFIG: Final = service("1", more=f"config: {{a.txt: {TEXT}}}\n")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository without a commit, and a service with a config file that attributes can change."""
    git(tmp_path, "init", "-q", "-b", "main")
    identity(tmp_path)
    write(tmp_path, {"services/platform.yaml": PLATFORM, SPEC: WITH_CONFIG})
    return tmp_path


def state(root: Path) -> tuple[str, str, dict[str, bytes]]:
    """The branch, the index and the files of services/ and rendered/."""
    files = [path for top in ("services", "rendered") for path in (root / top).rglob("*") if path.is_file()]
    branches = git(root, "for-each-ref", "--format=%(objectname) %(refname)")
    return branches, git(root, "ls-files", "--stage"), {str(path): path.read_bytes() for path in files}


def refused(root: Path, *options: str) -> str:
    """Run `servegen commit`, which must fail and leave everything as `servegen render` makes it; return its error."""
    assert servegen(root, "render").returncode == 0
    before = state(root)
    done = servegen(root, "commit", *options)
    assert (done.returncode, done.stdout) == (3, ""), done.stderr
    assert state(root) == before
    return done.stderr


def lines_of(stderr: str) -> tuple[str, list[str]]:
    """The file that a hint names and the lines that it adds there."""
    hint = stderr.partition("  hint: ")[2].strip()
    return hint.partition(" at the end of ")[2].partition(", and commit")[0].split(";")[0], hint.split("`")[1::2]


ATTRIBUTES: Final = {
    "* text=auto": "text=auto",
    "*.txt text eol=crlf": "text, eol=crlf",
    "*.txt ident": "ident",
    "a.txt filter=upper": "filter=upper",
    "*.txt working-tree-encoding=UTF-16LE": "working-tree-encoding=UTF-16LE",
    "[attr]crlf text\na* crlf": "text, crlf",
}


@pytest.mark.parametrize(
    ("attributes", "named", "first"),
    [*((line, named, True) for line, named in ATTRIBUTES.items()), ("a.txt filter=upper", "filter=upper", False)],
)
def test_attributes_that_change_content_refuse_a_commit(attributes: str, named: str, first: bool, root: Path) -> None:
    if not first:
        git(root, "commit", "-qm", "first", "--allow-empty")
    git(root, "config", "filter.upper.clean", "tr a-z A-Z")
    write(root, {".gitattributes": f"{attributes}\n"})
    if "UTF-16" in attributes:
        write(root, {SPEC: service("1", more='config: {a.txt: "abcd\\n\\n"}\n')})
    error = refused(root)
    assert error.startswith(
        f"servegen: Git would commit other content than was rendered:\n  {CONFIG}: {named} changes its content\n"
    )
    file, lines = lines_of(error)
    assert file == ".gitattributes"
    write(root, {file: "\n".join([attributes, *lines, ""])})
    committed(root)
    assert servegen(root, "verify", "--no-build").returncode == 0


@pytest.mark.parametrize(
    ("attributes", "text", "named"),
    [
        ("*.txt eol=crlf", "a: b\\n", "eol=crlf"),
        ("*.txt ident", "$Id$", "ident"),
        ("a.txt filter=shout", "a: b", "filter=shout"),
    ],
)
def test_attributes_that_change_content_in_a_clone_refuse_a_commit(
    attributes: str, text: str, named: str, root: Path
) -> None:
    git(root, "config", "filter.shout.clean", "cat")
    git(root, "config", "filter.shout.smudge", "tr a-z A-Z")
    write(root, {".gitattributes": f"{attributes}\n", SPEC: service("1", more=f'config: {{a.txt: "{text}"}}\n')})
    error = refused(root)
    assert error.startswith("servegen: a clone of this commit would have other content than was rendered:\n")
    assert f"  {CONFIG}: {named} changes its content\n" in error
    file, lines = lines_of(error)
    write(root, {file: "\n".join([attributes, *lines, ""])})
    committed(root)
    git(root, "add", file)
    git(root, "commit", "-qm", "attributes")
    there = root.parent / f"{root.name}-clone"
    git(root, "clone", "-q", str(root), str(there))
    assert servegen(there, "render", "--check").returncode == 0


def test_line_ends_of_the_configuration_are_named(root: Path) -> None:
    git(root, "config", "core.autocrlf", "true")
    assert f"  {CONFIG}: core.autocrlf=true changes its content\n" in refused(root)


def test_what_git_says_is_named_if_it_does_not_stage_a_spec(root: Path) -> None:
    git(root, "config", "core.autocrlf", "true")
    git(root, "config", "core.safecrlf", "true")
    write(root, {"services/p/a/m-2.yaml": service("2")})
    error = refused(root)
    assert "\n  services/p/a/m-2.yaml: is not staged: fatal: LF would be replaced by CRLF in rendered/" in error
    assert error.endswith("\n  hint: `git add services rendered` says why\n")


def test_a_line_below_rendered_is_switched_off_there(root: Path) -> None:
    write(root, {"rendered/.gitattributes": "* text\n"})
    file, lines = lines_of(refused(root))
    assert file == "rendered/.gitattributes"
    write(root, {file: "\n".join(["* text", *lines, ""])})
    committed(root)


def test_attributes_of_the_clone_are_switched_off_in_the_clone(root: Path) -> None:
    info = root / ".git" / "info" / "attributes"
    info.parent.mkdir(exist_ok=True)
    info.write_text("* text\n")
    file, lines = lines_of(refused(root))
    assert file == str(info)
    info.write_text("\n".join(["* text", *lines, ""]))
    committed(root)


def test_content_that_was_committed_through_a_filter_is_committed_again(root: Path) -> None:
    git(root, "config", "filter.upper.clean", "tr a-z A-Z")
    write(root, {".gitattributes": "a.txt filter=upper\n"})
    assert servegen(root, "render").returncode == 0
    git(root, "add", "--all")
    git(root, "commit", "-qm", "through the filter")
    write(root, {".gitattributes": "a.txt filter=upper\nrendered/** -filter\n"})
    assert "committed" in committed(root)
    assert servegen(root, "verify", "--no-build").returncode == 0


@pytest.mark.parametrize("clean", ["base64", "sed s/v1/v2/"])
def test_a_spec_that_git_stores_otherwise_is_refused(clean: str, root: Path) -> None:
    git(root, "config", "filter.crypt.clean", clean)
    write(root, {".gitattributes": "services/p/** filter=crypt diff=crypt\n"})
    error = refused(root)
    assert f"  {SPEC}: filter=crypt changes its content\n" in error
    file, lines = lines_of(error)
    write(root, {file: "\n".join(["services/p/** filter=crypt", *lines, ""])})
    committed(root)
    assert git(root, "show", f"HEAD:{SPEC}") == WITH_CONFIG.rstrip()


def test_a_spec_may_have_other_line_ends_and_comments_in_git(root: Path) -> None:
    git(root, "config", "filter.note.clean", "sed 's/# here/# there/'")
    write(root, {".gitattributes": "services/** text eol=crlf filter=note\n"})
    (root / SPEC).write_bytes(b"# here\r\n" + service("1").replace("\n", "\r\n").encode())
    committed(root)
    assert servegen(root, "verify", "--no-build").returncode == 0


@pytest.mark.parametrize(
    ("rules", "named"),
    [
        ({".gitignore": "models/\n"}, ".gitignore:1 (models/)"),
        ({".gitignore": "*\n!services\n!services/p\n!*.yaml\nmodels\n"}, ".gitignore:5 (models)"),
        ({".gitignore": "services/\n"}, ".gitignore:1 (services/)"),
        ({"services/.gitignore": "\nm.yaml\n"}, "services/.gitignore:2 (m.yaml)"),
        ({"services/p/models/.gitignore": "*\n"}, "services/p/models/.gitignore:1 (*)"),
        ({".git/info/exclude": "models\n"}, ".git/info/exclude:1 (models)"),
    ],
    ids=["folder", "list of what is kept", "services", "below services", "beside it", "clone"],
)
def test_a_spec_that_git_ignores_is_refused(rules: dict[str, str], named: str, root: Path) -> None:
    file = "services/p/models/m.yaml"
    write(root, {file: "versions:\n  v1:\n    path: /models/m\n"})
    write(root, rules)
    error = refused(root)
    assert f"  {file}: is ignored by {named}\n" in error
    place, lines = lines_of(error)
    old = (root / place).read_text() if (root / place).exists() else ""
    write(root, {place: "\n".join([old, *lines, ""])})
    committed(root)
    assert file in git(root, "ls-files").splitlines()


def test_a_rule_above_a_folder_of_a_monorepo_is_named_from_the_top(root: Path) -> None:
    folder = root / "teams" / "a"
    write(folder, {"services/platform.yaml": PLATFORM, SPEC: service("1")})
    write(root, {".gitignore": "teams/*/services/p/\n"})
    error = refused(folder)
    assert f"  {SPEC}: is ignored by .gitignore:1 (teams/*/services/p/)\n" in error
    place, lines = lines_of(error)
    write(root, {place: "\n".join(["teams/*/services/p/", *lines, ""])})
    committed(folder)


@pytest.mark.parametrize("folder", ["", "teams/b/"])
def test_ignored_specs_are_a_warning_of_every_run(folder: str, root: Path) -> None:
    here = root / folder
    write(here, {"services/platform.yaml": PLATFORM, SPEC: service("1")})
    committed(here)
    model = "versions:\n  v1:\n    path: pvc://m/1/\n"
    write(
        here,
        {"services/p/models/m.yaml": model, "services/p/models/n.yaml": model, "services/p/a/m-2.yaml": "model: m\n"},
    )
    write(root, {".gitignore": "models\n"})
    first = "services/p/models/m.yaml:1:1: warning: this spec is ignored by .gitignore:1 (models), so that it would not"
    for command in (["render", "--check"], ["validate", "--engine", "embedded"]):
        error = servegen(here, *command).stderr
        assert error.count("[F19]") == 1
        assert f"{first} be committed [F19]\n" in error
        assert "  also: services/p/models/n.yaml:1:1\n" in error
    git(root, "update-index", "--index-version", "4")
    assert first in servegen(here, "render", "--check").stderr
    error = servegen(here, "render", "--check").stderr
    lines = error.partition("hint: add the lines ")[2].partition(" at the end of .gitignore")[0].split("`")[1::2]
    write(root, {".gitignore": "\n".join(["models", *lines, ""])})
    assert "[F19]" not in servegen(here, "render", "--check").stderr
    assert "services/p/models/m.yaml" in git(here, "status", "--porcelain", "--untracked-files=all")


@pytest.mark.parametrize("flag", ["skip-worktree", "assume-unchanged"])
@pytest.mark.parametrize("file", [SPEC, "rendered/p/a/base/m-1/resources.yaml"])
def test_flags_of_the_index_that_hide_a_change_are_named(flag: str, file: str, root: Path) -> None:
    committed(root)
    git(root, "update-index", f"--{flag}", file)
    write(root, {SPEC: service("1", more="replicas: 2\n")})
    error = refused(root)
    assert f"  {file}: has the flag {flag} in the index, which hides changes\n" in error
    git(root, *error.partition("hint: git ")[2].split(";")[0].split())
    committed(root)
    whole(root)


@pytest.mark.parametrize("flag", ["skip-worktree", "assume-unchanged"])
def test_flags_that_hide_a_deleted_spec_are_named(flag: str, root: Path) -> None:
    write(root, {"services/p/b/m-2.yaml": service("2")})
    committed(root)
    git(root, "update-index", f"--{flag}", "services/p/b/m-2.yaml")
    (root / "services/p/b/m-2.yaml").unlink()
    write(root, {"services/p/project.yaml": "retired: {b: gone}\n"})
    assert f"  services/p/b/m-2.yaml: has the flag {flag}" in servegen(root, "commit").stderr


def test_a_flag_without_a_change_does_not_matter(root: Path) -> None:
    committed(root)
    git(root, "update-index", "--assume-unchanged", SPEC)
    write(root, {"services/p/b/m-2.yaml": service("2")})
    committed(root)


def test_a_rendered_file_that_can_be_executed_is_refused(root: Path) -> None:
    committed(root)
    (root / CONFIG).chmod(0o755)
    error = refused(root)
    assert f"  {CONFIG}: has the mode 100755\n" in error
    subprocess.run(["sh", "-ec", error.partition("hint: ")[2]], cwd=root, check=True)
    assert "nothing to commit" in committed(root)


def test_a_mode_that_git_has_is_found_by_verify(root: Path) -> None:
    committed(root)
    git(root, "update-index", "--chmod=+x", CONFIG)
    git(root, "commit", "-qm", "a program")
    done = servegen(root, "verify", "--no-build")
    assert (done.returncode, f"  mode 100755   {CONFIG}\n" in done.stderr) == (4, True)
    subprocess.run(["sh", "-ec", done.stderr.partition("hint: ")[2]], cwd=root, check=True)
    git(root, "commit", "-qm", "a file")
    assert servegen(root, "verify", "--no-build").returncode == 0


def test_a_spec_that_git_keeps_as_a_link_is_refused(root: Path) -> None:
    committed(root)
    git(root, "config", "core.symlinks", "false")
    git(root, "update-index", "--cacheinfo", f"120000,{git(root, 'hash-object', SPEC)},{SPEC}")
    error = refused(root)
    assert f"  {SPEC}: is a symbolic link in Git\n" in error
    git(root, *error.partition("hint: git ")[2].split())
    assert "nothing to commit" in committed(root)


HOOKS: Final = {
    "leaves a file out": ("pre-commit", f"git rm -q --cached {CONFIG}", f"{CONFIG}: is missing by a hook"),
    "rewrites a rendered file": (
        "pre-commit",
        f"echo >> {CONFIG}; git add {CONFIG}",
        f"{CONFIG}: was changed by a hook",
    ),
    "rewrites a spec": ("pre-commit", f"sed -i s/v1/v2/ {SPEC}; git add {SPEC}", f"{SPEC}: was changed by a hook"),
    "adds a spec": (
        "pre-commit",
        f"sed s/v1/v2/ {SPEC} > services/p/a/m-2.yaml; git add services; rm services/p/a/m-2.yaml",
        "services/p/a/m-2.yaml: was added by a hook",
    ),
    "amends the commit": (
        "post-commit",
        f'[ -z "$AMENDS" ] || exit 0; echo >> {CONFIG}; AMENDS=1 git commit -q --amend --no-verify --no-edit {CONFIG}',
        f"{CONFIG}: was changed by a hook",
    ),
}


# A commit that is taken back leaves the repository as it was, so the next hook is tried in the same one. What a hook
# changes and what the branch goes back to do not depend on each other.
@pytest.mark.parametrize("hooks", [HOOKS, ("rewrites a spec", "amends the commit")], ids=["first", "second"])
def test_a_commit_that_a_hook_changes_is_taken_back(hooks: Collection[str], root: Path) -> None:
    if len(hooks) < len(HOOKS):
        git(root, "commit", "-qm", "first", "--allow-empty")
    assert servegen(root, "render").returncode == 0
    before = state(root)
    for hook_that in hooks:
        name, script, named = HOOKS[hook_that]
        hook = root / ".git" / "hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        hook.chmod(0o755)
        done = servegen(root, "commit")
        assert (done.returncode, done.stdout) == (3, ""), hook_that
        assert done.stderr == (
            "servegen: the commit was taken back, because it had other content than was rendered:\n"
            f"  {named}\n  hint: let .git/hooks/{name} leave services/ and rendered/ as they are\n"
        )
        assert state(root) == before, hook_that
        hook.unlink()
    committed(root)
    assert servegen(root, "verify", "--no-build").returncode == 0


def test_a_hook_may_format_a_spec(root: Path) -> None:
    hook = root / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\necho '# formatted' >> {SPEC}; git add {SPEC}\n", encoding="utf-8")
    hook.chmod(0o755)
    committed(root)
    assert git(root, "show", f"HEAD:{SPEC}").endswith("# formatted")
    assert git(root, "status", "--porcelain") == ""


def test_an_ignored_registry_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    bare = remote(tmp_path)
    here = clone(bare, "here")
    write(here, {".gitignore": "models/\n*.onnx\n"})
    git(here, "add", ".gitignore")
    git(here, "commit", "-qm", "no weights")
    git(here, "push", "-q")
    before, remote_before = state(here), head(bare)
    register = ("register", "p/n", "v9", "--path", "s3://b/n", "--framework", "onnx", "--api", "triton-server")
    done = servegen(here, *register, "--push")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == (
        "servegen: services/p/models/n.yaml is ignored by .gitignore:1 (models/), so that it would not be committed\n"
        "  hint: add the lines `!/services/`, `!/services/**` at the end of .gitignore\n"
    )
    assert (state(here), head(bare)) == (before, remote_before)
    write(here, {".gitignore": "models/\n!/services/\n!/services/**\n"})
    done = servegen(here, *register, "--push")
    assert (done.returncode, '"pushed": true' in done.stdout) == (0, True), done.stderr
    assert "path: s3://b/n" in git(bare, "show", "main:services/p/models/n.yaml")


def test_the_attributes_of_init_keep_filters_away_from_rendered_files(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "-b", "main")
    identity(tmp_path)
    assert servegen(tmp_path, "init", "--ci", "none", "--no-example").returncode == 0
    git(tmp_path, "config", "filter.lfs.clean", "sha256sum")
    own = (tmp_path / ".gitattributes").read_text()
    lfs = "*.txt filter=lfs diff=lfs merge=lfs -text ident working-tree-encoding=UTF-16LE\n"
    write(tmp_path, {".gitattributes": lfs + own, "services/platform.yaml": PLATFORM, SPEC: WITH_CONFIG})
    committed(tmp_path)
    assert servegen(tmp_path, "verify", "--no-build").returncode == 0


@pytest.mark.parametrize("ignored", ["rendered/", "*", "config/", "*.txt\nkustomization.yaml"])
def test_ignored_rendered_files_are_in_the_commit(ignored: str, root: Path) -> None:
    write(root, {".gitignore": f"{ignored}\n!services\n!services/**\n"})
    done = servegen(root, "commit")
    assert (done.returncode, done.stderr.splitlines()[1:]) == (0, [])
    assert servegen(root, "verify", "--no-build").returncode == 0
    assert CONFIG in git(root, "ls-files").splitlines()


@pytest.mark.parametrize("name", [".git", ".gitattributes", ".gitignore", "kustomization.yaml"])
def test_a_config_file_that_git_or_kustomize_reads_is_refused(name: str, root: Path) -> None:
    write(root, {SPEC: service("1", more=f"config: {{{name}: 'gitdir: ../x'}}\n")})
    for command in ("render", "commit", "validate"):
        done = servegen(root, command)
        assert done.returncode == 1
        assert f"error: the config file {name} has a name that" in done.stderr
    assert not (root / "rendered").exists()

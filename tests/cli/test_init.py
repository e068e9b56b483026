"""`servegen init`: its files render, validate and commit without further edits; no existing file is overwritten."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
import yaml

from generator.edit.scaffold import FORGES
from tests.support.clones import git, head, identity, write
from tests.support.command import doctor, servegen
from tests.support.on_path import install

CREATED = """\
created  services/platform.yaml
created  .gitattributes
created  .githooks/pre-commit
created  services/example/models/stories.yaml
created  services/example/stories/stories-1.yaml
created  .github/workflows/servegen.yaml
created  .github/workflows/servegen-comment.yaml
created  .github/servegen-comment.py
created  .github/workflows/servegen-advance.yaml
created  .github/workflows/servegen-site.yaml
created  .github/CODEOWNERS
created  .gitlab-ci.yml
created  .gitlab/servegen-comment.py
created  .gitlab/servegen-advance.yml
created  .gitlab/servegen-site.yml
created  .gitlab/CODEOWNERS
created  services/.schema/, the JSON Schemas with which editors complete and check specs
"""
GIT = "created  a Git repository with a hook in .githooks/ that checks each commit\n"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Set an author and a committer, and put servegen on PATH for the hook."""
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "Dev")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "dev@example.com")
    monkeypatch.setenv("PATH", str(install(tmp_path_factory.mktemp("bin")).parent), prepend=os.pathsep)


def _files(root: Path) -> dict[str, bytes]:
    return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file() and ".git" not in p.parts}


def test_it_renders_validates_and_commits_at_once(tmp_path: Path) -> None:
    done = servegen(tmp_path, "init", "models", "--commit")
    root = tmp_path / "models"
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{CREATED}{GIT}rendered 10 files\ncommitted {head(root)[:9]}\n"
    assert git(root, "status", "--porcelain") == ""
    assert servegen(root, "render", "--check").returncode == 0
    assert servegen(root, "validate", "--engine", "embedded").stderr == ""
    assert servegen(root, "schema", "--check").returncode == 0
    assert servegen(root, "commit").stdout.startswith("nothing to commit")


def test_its_hook_refuses_a_tree_that_is_out_of_date(tmp_path: Path) -> None:
    assert servegen(tmp_path, "init", "--commit").returncode == 0
    spec = tmp_path / "services/example/stories/stories-1.yaml"
    spec.write_text(spec.read_text("utf-8").replace("replicas: 1", "replicas: 2"), "utf-8")
    refused = subprocess.run(
        ["git", "commit", "-qam", "two"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert refused.returncode == 1
    assert "pre-commit: run 'servegen render', stage services and rendered, and commit again" in refused.stderr
    assert servegen(tmp_path, "commit").returncode == 0


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    done = servegen(tmp_path, "init", "models", "--commit", "--dry-run")
    assert done.stdout == CREATED.replace("created  ", "would create  ") + "dry run: nothing was written\n"
    assert list(tmp_path.iterdir()) == []


def test_a_second_run_adds_what_is_missing_and_overwrites_nothing(tmp_path: Path) -> None:
    assert servegen(tmp_path, "init", "--commit").returncode == 0
    (tmp_path / ".gitattributes").write_text("*.onnx -text\n", "utf-8")
    (tmp_path / ".github/CODEOWNERS").unlink()
    (tmp_path / "services/example/stories/stories-1.yaml").unlink()
    before = _files(tmp_path)
    done = servegen(tmp_path, "init")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        "kept     .gitattributes, which exists\n"
        "created  .github/CODEOWNERS\n"
        "add to .gitattributes, so that git does not merge generated files line by line:  "
        "rendered/** linguist-generated -merge -text -filter -ident -working-tree-encoding\n"
        "next: `git add --all && git commit`; then set the domain in services/platform.yaml\n"
    )
    after = _files(tmp_path)
    assert after.keys() - before.keys() == {".github/CODEOWNERS"}
    assert {name: after[name] for name in before} == before


def test_a_commit_that_git_refused_is_made_by_the_next_run(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "-b", "main")
    hook = tmp_path / ".git/hooks/pre-commit"
    hook.write_text("#!/bin/sh\nexit 1\n", "utf-8")
    hook.chmod(0o755)
    refused = servegen(tmp_path, "init", "--commit")
    assert (refused.returncode, refused.stderr) == (3, "servegen: git commit failed: \n")
    hook.unlink()
    done = servegen(tmp_path, "init", "--commit")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith(f"\ncommitted {head(tmp_path)[:9]}\n")
    assert git(tmp_path, "status", "--porcelain") == ""
    assert servegen(tmp_path, "init", "--commit").stdout.endswith("\nnothing to commit\n")


@pytest.mark.parametrize("tool", ["argocd", "flux"])
def test_delivery_from_a_folder_of_a_monorepo(tmp_path: Path, tool: str) -> None:
    git(tmp_path, "init", "-q", "-b", "main")
    identity(tmp_path)
    url = "https://git.example.com/team/all.git"
    done = servegen(tmp_path, "init", "deploy/models", "--delivery", tool, "--remote", url, "--commit")
    root = tmp_path / "deploy/models"
    assert (done.returncode, done.stderr) == (0, "")
    assert "they belong at the top of the work tree" in done.stdout
    assert {path.name for path in tmp_path.iterdir()} == {".git", "deploy"}
    platform = yaml.safe_load((root / "services/platform.yaml").read_bytes())
    assert platform["delivery"] == {"tool": tool, "repository": url, "folder": "deploy/models"}
    assert (root / "rendered" / tool / "_clusters" / "main").is_dir()
    assert servegen(root, "validate", "--engine", "embedded").returncode == 0
    assert git(tmp_path, "remote", "get-url", "origin") == url


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--delivery", "flux"], "--delivery needs the repository's address"),
        (["--minimal", "--commit"], "--minimal does not use git"),
        (["--delivery", "flux", "--remote", "../models.git"], '--remote: found "../models.git", expected '),
    ],
)
def test_options_that_contradict_each_other(tmp_path: Path, options: list[str], said: str) -> None:
    done = servegen(tmp_path, "init", *options)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"servegen: {said}")
    assert list(tmp_path.iterdir()) == []


def test_delivery_does_not_change_a_platform_file(tmp_path: Path) -> None:
    assert servegen(tmp_path, "init", "--minimal").returncode == 0
    before = _files(tmp_path)
    done = servegen(tmp_path, "init", "--delivery", "argocd", "--remote", "https://git.example.com/a.git")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "servegen: services/platform.yaml already exists, and --delivery would change it\n"
        "  hint: add it by hand: delivery: {tool: argocd, repository: https://git.example.com/a.git}\n"
    )
    assert _files(tmp_path) == before


def test_minimal_is_what_an_existing_repository_lacks(tmp_path: Path) -> None:
    assert servegen(tmp_path, "init", "--minimal").returncode == 0
    assert {path.name for path in tmp_path.iterdir()} == {".gitattributes", "services"}


def test_the_option_offers_every_forge(tmp_path: Path) -> None:
    assert f"--ci [{'|'.join([*FORGES, 'both', 'none'])}]" in servegen(tmp_path, "init", "--help").stdout


def _hook_line(stdout: str) -> str:
    return next(line for line in stdout.splitlines() if "hook" in line and ("note:" in line or "not active" in line))


def test_it_says_which_hooks_it_switches_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = tmp_path / "gitconfig"
    settings.write_text("[core]\n\thooksPath = /opt/hooks\n", "utf-8")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    done = servegen(tmp_path, "init", "models", "--ci", "none")
    note = "note: core.hooksPath was /opt/hooks: here .githooks replaces it, and the hooks there do not run"
    assert (done.returncode, _hook_line(done.stdout)) == (0, note)
    assert "hooksPath" not in servegen(tmp_path, "init", "models", "--ci", "none").stdout


_HOOK = "#!/bin/sh\necho theirs >> ran\n"


@pytest.mark.parametrize(
    ("hooks", "setting", "way"),
    [
        ({}, "", "run `git config core.hooksPath .githooks`"),
        ({".husky/pre-commit": _HOOK}, ".husky", "add the line `.githooks/pre-commit` to .husky/pre-commit"),
        ({".husky/pre-push": _HOOK}, ".husky", "run `cp .githooks/pre-commit .husky/pre-commit`"),
        ({".git/hooks/pre-commit": _HOOK}, "", "add the line `.githooks/pre-commit` to .git/hooks/pre-commit"),
        ({".git/hooks/pre-push": _HOOK}, "", "run `cp .githooks/pre-commit .git/hooks/pre-commit`"),
    ],
    ids=["none", "husky", "husky without it", "own", "another of git"],
)
def test_it_says_how_to_activate_the_hook_beside_others(
    hooks: dict[str, str], setting: str, way: str, tmp_path: Path
) -> None:
    git(tmp_path, "init", "-q")
    identity(tmp_path)
    write(tmp_path, hooks)
    for name in hooks:
        (tmp_path / name).chmod(0o755)
    if setting:
        git(tmp_path, "config", "core.hooksPath", setting)
    line = _hook_line(servegen(tmp_path, "init", ".", "--ci", "none").stdout)
    assert line.startswith("the hook in .githooks/ is not active: ")
    assert line.endswith(way)
    assert line.partition("not active: ")[2] in doctor(tmp_path).stdout
    command = way.split("`")[1]
    if "add" in way:
        (tmp_path / way.rpartition(" ")[2]).write_text(f"{_HOOK}{command}\n", "utf-8")
    else:
        subprocess.run(command.split(), cwd=tmp_path, check=True)
    assert "not active" not in servegen(tmp_path, "init", ".", "--ci", "none").stdout
    git(tmp_path, "add", "services")
    done = subprocess.run(["git", "commit", "-qm", "x"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, "pre-commit: " in done.stderr) == (1, True)
    assert (tmp_path / "ran").exists() == ("add" in way)

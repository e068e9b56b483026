"""No command runs a program from the repository that it checks, wherever PATH leads and whatever its files pretend."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from generator.core.programs.go_programs import install_hint
from generator.report import FORMATS
from generator.schemas.catalogue import SchemaCatalog
from tests.conftest import ROOT
from tests.support.clones import PLATFORM, git, identity, repository, service, write
from tests.support.command import servegen
from tests.support.on_path import install

PLANTED: Final = ("git", "go", "kubeconform", "kustomize", "ssh")
# Commands that run programs, with their exit codes where there is no kustomize and no kubeconform.
COMMANDS: Final = {"validate": 0, "verify": 3, "doctor": 3}
INSTALL: Final = {name: install_hint(name) for name in ("kubeconform", "kustomize")}
EMBEDDED_ONLY: Final = f"so only the embedded engine ran ({INSTALL['kubeconform']})"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A rendered repository of which a change has added programs: in folders on PATH, and where tools may lie."""
    root = repository(tmp_path / "here", service("1"))
    for folder in ("", "bin/", ".tools/bin/", "deep/real/"):
        for name in PLANTED:
            write(root, {f"{folder}{name}": f"#!/bin/sh\ntouch '{tmp_path}/ran-{name}'\nexit 1\n"})
            (root / folder / name).chmod(0o755)
    (tmp_path / "outside").symlink_to(root)
    (root / "inside").symlink_to(root.parent / "free")
    (tmp_path / "free").mkdir()
    return root


def _run(
    root: Path, *command: str, path: str, imports: bool = False, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run servegen in the repository, with the system's programs last on PATH; with `imports`, in a new process."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PATH": f"{path}:/usr/bin:/bin", **variables}
    start = [sys.executable, "-m", "generator.__main__"] if imports else [str(install(root.parent))]
    return subprocess.run(
        [*start, *command], cwd=root, env=environment, capture_output=True, text=True, check=False, timeout=60
    )


def _ran(root: Path) -> list[str]:
    return sorted(path.name for path in root.parent.glob("ran-*"))


def test_no_program_of_the_repository_runs(root: Path) -> None:
    """Neither while servegen is imported, which every command does, nor while a command runs.

    Each entry of PATH leads to a planted program, so the first one that stays there shows.
    """
    outside = root.parent / "outside"
    path = f".::bin:{root}/bin:{root}/x/../deep/real:{outside}/bin:./.tools/bin"
    for command, code in COMMANDS.items():
        done = _run(root, command, path=path, imports=command == "doctor")
        assert _ran(root) == [], (command, done.stderr)
        assert done.returncode == code, done.stderr


def test_a_folder_behind_a_link_of_the_repository_is_ignored(root: Path) -> None:
    write(root.parent, {"free/kubeconform": f"#!/bin/sh\ntouch '{root.parent}/ran-free'\n"})
    (root.parent / "free" / "kubeconform").chmod(0o755)
    assert _run(root, "validate", path=f"{root}/inside").returncode == 0
    assert _ran(root) == []


def test_a_folder_of_a_monorepo_is_in_the_repository(root: Path) -> None:
    folder = root / "deploy"
    write(folder, {"services/platform.yaml": PLATFORM, "services/p/a/m-1.yaml": service("1")})
    assert _run(folder, "render", path=f"{root}/bin").returncode == 0
    assert _run(folder, "validate", path=f"{root}/bin").returncode == 0
    assert _ran(root) == []


def test_a_user_may_name_a_folder_of_tools(root: Path) -> None:
    done = _run(root, "validate", path="", SERVEGEN_TOOLS=str(root / ".tools" / "bin"))
    assert (done.returncode, _ran(root)) == (0, ["ran-kubeconform"])


def test_a_program_that_does_not_work_is_reported_and_not_used(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tools = root / ".tools" / "bin"
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.setenv("SERVEGEN_TOOLS", str(tools))
    said = f"servegen: {tools}/kubeconform does not work as kubeconform: expected the verdicts on known objects, but it"
    for output in ("text", "github"):
        done = servegen(root, "validate", "--output", output)
        assert (done.returncode, done.stderr) == (0, f"{said} printed no results; {EMBEDDED_ONLY}\n")
        assert "not installed" not in done.stdout
    explicit = servegen(root, "validate", "--engine", "kubeconform")
    assert (explicit.returncode, explicit.stdout) == (3, "")
    assert explicit.stderr == f"{said} printed no results\n  hint: {INSTALL['kubeconform']}\n"
    verified = servegen(root, "verify")
    assert (verified.returncode, verified.stdout) == (3, "")
    assert verified.stderr == (
        f"servegen: {tools}/kustomize does not work as kustomize: expected the objects of a known overlay, found an "
        f"error: kustomize ended with code 1\n  hint: {INSTALL['kustomize']}; --no-build does not need it\n"
    )
    assert servegen(root, "doctor").stderr == "servegen: missing or broken: kustomize, kubeconform\n"


@pytest.mark.parametrize("output", FORMATS)
def test_every_format_says_that_one_engine_validated(output: str, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    done = servegen(root, "validate", "--output", output)
    assert (done.returncode, done.stderr) == (0, "")
    assert "only the embedded engine" in done.stdout
    assert INSTALL["kubeconform"].strip("`").partition("`")[0] in done.stdout
    assert "only the embedded engine" not in servegen(root, "validate", "--engine", "embedded").stdout


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("", "kustomize"),
        ("./.tools/bin", ".tools/bin/kustomize"),
        ("{root}/bin/../deep/real", "deep/real/kustomize"),
        ("{root.parent}/outside/bin", "{root.parent}/outside/bin/kustomize"),
    ],
)
def test_the_reason_is_given_why_a_program_of_the_repository_is_not_run(path: str, found: str, root: Path) -> None:
    done = _run(root, "verify", path=path.format(root=root))
    said = f"servegen: found {found.format(root=root)}, which the repository controls: not run\n  hint: `go install "
    assert (done.returncode, done.stderr[: len(said)], _ran(root)) == (3, said, [])


def test_each_command_gives_the_reason(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{root}/bin:/usr/bin:/bin")
    said = "found bin/kubeconform, which the repository controls: not run"
    assert f"\n{said}, {EMBEDDED_ONLY}\n" in servegen(root, "validate").stdout
    explicit = servegen(root, "validate", "--engine", "kubeconform")
    assert explicit.stderr == f"servegen: {said}\n  hint: {INSTALL['kubeconform']}\n"
    report = servegen(root, "doctor").stdout
    assert f"\n  kubeconform: {said}, so only the embedded engine checks objects\n" in report
    assert _ran(root) == []


def test_a_relative_entry_of_path_that_leads_elsewhere_is_named(root: Path) -> None:
    write(root.parent, {"free/kustomize": "#!/bin/sh\nexit 1\n"})
    (root.parent / "free" / "kustomize").chmod(0o755)
    done = _run(root, "verify", path="../free")
    assert done.stderr.startswith(
        f"servegen: found {root.parent}/free/kustomize by a relative entry of PATH: not run\n"
    )


def test_a_cache_in_the_repository_is_not_used(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where CI sets XDG_CACHE_HOME to a folder of the project: a change can add programs and schemas there."""
    cache = root / ".cache" / "servegen"
    for name in PLANTED:
        write(cache / "tools", {name: f"#!/bin/sh\ntouch '{root.parent}/ran-{name}'\nexit 1\n"})
        (cache / "tools" / name).chmod(0o755)
    schemas = SchemaCatalog.open("1.36")
    for folder in (schemas.builtin, schemas.crds):
        write(cache / "schemas" / folder.name, {"nothing": ""})
    before = sorted(cache.rglob("*"))
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.setenv("XDG_CACHE_HOME", str(root / ".cache"))
    monkeypatch.delenv("SERVEGEN_TOOLS")
    for command, code in COMMANDS.items():
        done = servegen(root, command)
        assert (done.returncode, _ran(root)) == (code, []), done.stderr
    found = "found .cache/servegen/tools/kustomize, which the repository controls: not run"
    assert found in servegen(root, "verify").stderr
    assert sorted(cache.rglob("*")) == before


def test_files_that_look_like_a_bare_repository_configure_nothing(root: Path) -> None:
    folder, marker = root / "deploy", root.parent / "ran-fsmonitor"
    write(folder, {"services/platform.yaml": PLATFORM, "services/p/a/m-1.yaml": service("1")})
    write(folder, {"HEAD": "ref: refs/heads/main\n", "objects/x": "", "refs/x": ""})
    settings = f'[core]\n\trepositoryformatversion = 0\n\tworktree = .\n\tfsmonitor = "touch {marker}; false"\n'
    write(folder, {"config": settings})
    git(root, "add", "-A")
    git(root, "commit", "-qm", "a change")
    git(root, "clone", "-q", str(root), str(root.parent / "clone"))
    for command in (["validate", "--base", "HEAD"], ["verify"], ["commit"]):
        done = _run(root.parent / "clone" / "deploy", *command, path="/usr/bin", imports=command == ["verify"])
        assert _ran(root) == []
        assert done.returncode == 2
        assert "deploy is a bare repository, which has no work tree" in done.stderr


def test_nothing_that_a_clone_brings_along_makes_git_run_a_program(root: Path) -> None:
    """Attributes, settings, submodules and hooks in the tree: Git reads programs only from its own configuration."""
    marker = root.parent / "ran-"
    settings = f"""
[filter "x"]
\tclean = touch {marker}clean; cat
\tsmudge = touch {marker}smudge; cat
[diff "x"]
\tcommand = touch {marker}diff
\ttextconv = touch {marker}textconv; cat
[core]
\tfsmonitor = touch {marker}fsmonitor; false
\thooksPath = hooks
"""
    write(root, {".gitattributes": "* filter=x diff=x merge=x\n", ".gitconfig": settings, "config": settings})
    write(root, {".gitmodules": f'[submodule "x"]\n\tpath = x\n\turl = "ext::touch {marker}submodule"\n'})
    for folder in (".githooks", "hooks"):
        for hook in ("pre-commit", "post-index-change", "reference-transaction", "post-checkout"):
            write(root, {f"{folder}/{hook}": f"#!/bin/sh\ntouch {marker}{hook}\n"})
            (root / folder / hook).chmod(0o755)
    git(root, "add", "-A")
    git(root, "update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},x")
    git(root, "commit", "-qm", "a change")
    git(root, "clone", "-q", str(root), str(root.parent / "clone"))
    clone = identity(root.parent / "clone")
    write(clone, {"services/p/a/m-2.yaml": service("2", host="two.example.com")})
    for command in (["validate", "--base", "HEAD"], ["render"], ["verify", "--no-build"], ["commit"], ["hydrate"]):
        done = _run(clone, *command, path="/usr/bin", imports=command == ["commit"])
        assert (done.returncode, _ran(root)) == (0, []), done.stderr

"""`--output` for CI, as a pipeline sees it: standard output, exit codes, paths in a monorepo."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest

from generator.core.programs.git import Git
from generator.repo.git.checkout import checkout, prefix
from generator.report import FORMATS
from tests.conftest import ROOT
from tests.support.clones import git, identity, write
from tests.support.command import servegen
from tests.support.prepared import minimal

if TYPE_CHECKING:
    from pathlib import Path

SPEC = "services/vision/detector/detector-1.yaml"
GOOD = (
    "model: detector\nversion: v1\ntype: triton-server\nimage: example.com/triton:1\n"
    "environments: {test: }\ncommand: run\n"
)
MISTAKES = 'model: detector\nversion: v1\ntype: triton-server\nresources: {"🗄货": 1, cpx: 2}\nreplicas: 5~2\n'
WARNING = GOOD.replace("environments: {test: ", "replicas: 3\nhpa: cpu:50%\nenvironments: {test: , prod: ")
FOR_CI = [name for name in FORMATS if name not in ("text", "json")]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A servegen repository in a folder of a Git work tree."""
    git(tmp_path, "init", "-q", "-b", "main")
    root = tmp_path / "serving" / "fleet"
    root.mkdir(parents=True)
    minimal(root)
    return root


def test_mistakes_become_annotations_at_their_lines(repository: Path) -> None:
    write(repository, {SPEC: MISTAKES})
    done = servegen(repository, "render", "--output", "github")
    file = f"file=serving/fleet/{SPEC}"
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout == (
        f'::error {file},line=4,col=13,title=servegen K01::found the unknown key "🗄货" in resources'
        "%0Ahint: known keys: cpu, ephemeral, gpu, memory\n"
        f'::error {file},line=4,col=22,title=servegen K01::found the unknown key "cpx" in resources'
        '%0Ahint: did you mean "cpu"?\n'
        f'::error {file},line=5,col=11,title=servegen K03::replicas: found "5~2", '
        "expected a minimum of at most the maximum%0Ahint: write 2~5\n"
    )
    again = servegen(repository, "validate", "--engine", "embedded", "--output", "github")
    assert (again.returncode, again.stdout, again.stderr) == (1, done.stdout, "")


def test_every_format_for_ci_names_files_from_the_top_and_others_from_the_repository(repository: Path) -> None:
    write(repository, {SPEC: MISTAKES})
    for name in FORMATS:
        done = servegen(repository, "render", "--output", name)
        text = done.stderr if name == "text" else done.stdout
        assert done.returncode == 1
        assert SPEC in text
        assert (f"serving/fleet/{SPEC}" in text) == (name in FOR_CI), name


def test_warnings_alone_are_reported_and_stop_nothing(repository: Path) -> None:
    write(repository, {SPEC: WARNING})
    for name in FOR_CI:
        done = servegen(repository, "render", "--output", name)
        assert (done.returncode, done.stderr) == (0, "")
        assert "`hpa` has no effect in prod: replicas are fixed at 3" in done.stdout
    assert servegen(repository, "render", "--check", "--output", "github").returncode == 0


def test_without_findings_standard_output_holds_the_format_and_nothing_else(repository: Path) -> None:
    write(repository, {SPEC: GOOD})
    commands = (("render",), ("render", "--check"), *[("validate", "--engine", "embedded")] * 2)
    for command, name in zip(commands, FOR_CI, strict=True):
        done = servegen(repository, *command, "--output", name)
        empty = (ROOT / "tests" / "cases" / "report" / f"empty.{name}").read_text(encoding="utf-8")
        assert (done.returncode, done.stderr, done.stdout) == (0, "", empty)


def test_a_tree_that_is_out_of_date_is_a_finding_too(repository: Path) -> None:
    write(repository, {SPEC: GOOD})
    assert servegen(repository, "render").returncode == 0
    stale = f"{repository}/rendered/vision/detector/base/detector-1/resources.yaml"
    with open(stale, "a", encoding="utf-8") as file:  # noqa: PTH123  # appending
        file.write("# by hand\n")
    write(repository, {"rendered/vision/detector/stale.yaml": "stale: true\n"})
    done = servegen(repository, "render", "--check", "--output", "github")
    assert done.returncode == 4
    assert done.stdout == (
        "::error file=serving/fleet/rendered/vision/detector/base/detector-1/resources.yaml,line=1,col=1,"
        "title=servegen F10::rendered/ differs from what the specs render: 1 to update, 1 to delete"
        "%0Ahint: run `servegen render` and commit\n"
    )
    assert done.stderr.startswith("servegen: rendered/ is out of date\n")
    suites = ElementTree.fromstring(servegen(repository, "render", "--check", "--output", "junit").stdout)
    assert [suite.get("name") for suite in suites] == ["F10"]
    assert "F10" not in servegen(repository, "render", "--check").stderr


def test_specs_with_errors_are_not_called_out_of_date_as_well(repository: Path) -> None:
    write(repository, {SPEC: MISTAKES})
    done = servegen(repository, "render", "--check", "--output", "gitlab")
    assert done.returncode == 1
    assert [issue["check_name"] for issue in json.loads(done.stdout)] == ["K01", "K01", "K03"]


def test_programs_get_utf8_whatever_the_locale_and_the_name_of_a_file(repository: Path) -> None:
    write(repository, {SPEC: MISTAKES})
    (repository / os.fsdecode(b"services/vision/detector/\xff-1.yaml")).write_text(GOOD, encoding="utf-8")
    names = [*FOR_CI, "json"]
    code = "from generator.cli.main import run\n"
    for name in names:
        code += (
            f"assert run(['-C', {str(repository)!r}, 'render', '--output', {name!r}]) == 1\nprint('END', flush=True)\n"
        )
    environment = {**os.environ, "PYTHONIOENCODING": "latin-1"}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, b"")
    *outputs, rest = done.stdout.decode("utf-8").split("END\n")
    assert (len(outputs), rest) == (len(names), "")
    for output in outputs:
        assert "🗄货" in output


def test_the_prefix_is_that_of_git(repository: Path, tmp_path: Path) -> None:
    top = identity(tmp_path)
    git(top, "commit", "-q", "--allow-empty", "-m", "first")
    git(top, "worktree", "add", "-q", "linked")
    git(top, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", f"{top}/.git", "module")
    for folder in (top, repository, top / "linked", top / "linked" / "a" / "b", top / "module" / "c"):
        folder.mkdir(parents=True, exist_ok=True)
        assert prefix(folder) == checkout(Git(folder)).prefix, folder
    assert (prefix(repository), prefix(top)) == ("serving/fleet/", "")


def test_outside_of_git_paths_start_at_the_repository(tmp_path: Path) -> None:
    minimal(tmp_path)
    write(tmp_path, {SPEC: MISTAKES})
    done = servegen(tmp_path, "render", "--output", "gitlab")
    assert {issue["location"]["path"] for issue in json.loads(done.stdout)} == {SPEC}

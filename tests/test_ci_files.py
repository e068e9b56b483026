"""The CI files of this repository and of `servegen init`, and the action: linted, pinned, and run."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest
import yaml
from check_jsonschema import main as check_jsonschema
from click.testing import CliRunner

from generator import __version__
from tests.conftest import ROOT, find_program
from tests.support.clones import clone, committed, git, remote, service, write
from tests.support.forges import TOKEN, Comments, github, serve
from tests.support.on_path import install

INIT: Final = ROOT / "templates" / "init"
WORKFLOWS: Final = (
    *sorted((ROOT / ".github" / "workflows").glob("*.yaml")),
    *sorted(INIT.glob("github-*.yaml")),
)
ACTION: Final = ROOT / "action.yml"
GITLAB: Final = tuple(sorted(INIT.glob("gitlab-*.yaml")))


@pytest.fixture(scope="module")
def actionlint() -> Path:
    """The path of the real actionlint."""
    found = find_program("actionlint")
    if found is None:
        pytest.skip("actionlint is not installed: `make setup` builds it where Go is there")
    return found


def test_actionlint_finds_nothing(actionlint: Path) -> None:
    command = [str(actionlint), "-no-color", "-shellcheck=", "-pyflakes=", *map(str, WORKFLOWS)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize(
    ("schema", "files"),
    [
        ("vendor.gitlab-ci", GITLAB),
        ("vendor.github-actions", (ACTION,)),
        ("vendor.github-workflows", WORKFLOWS),
    ],
)
def test_the_files_are_valid_for_the_schema_of_their_forge(schema: str, files: tuple[Path, ...]) -> None:
    done = CliRunner().invoke(check_jsonschema, ["--builtin-schema", schema, *map(str, files)])
    assert (done.exit_code, done.output) == (0, "ok -- validation done\n")


def _steps(file: Path) -> list[dict[str, Any]]:
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    jobs = [content["runs"]] if file == ACTION else content["jobs"].values()
    return [step for job in jobs for step in job["steps"]]


def test_actions_are_pinned_by_commit_and_the_same_everywhere() -> None:
    pinned: dict[str, set[str]] = {}
    for file in (*WORKFLOWS, ACTION):
        lines = re.findall(r"uses: (\S+) *(# v\d+\.\d+\.\d+)$", file.read_text(encoding="utf-8"), re.MULTILINE)
        assert len(lines) == sum("uses" in step for step in _steps(file))
        for action, version in lines:
            name, _, commit = action.partition("@")
            assert re.fullmatch(r"[0-9a-f]{40}", commit), action
            pinned.setdefault(name, set()).add(f"{commit} {version}")
    assert [(name, found) for name, found in pinned.items() if len(found) > 1] == []


def test_no_expression_is_part_of_a_command() -> None:
    """The name of a branch or a folder must not become a command."""
    assert [step["run"] for file in (*WORKFLOWS, ACTION) for step in _steps(file) if "${{" in step.get("run", "")] == []


def test_the_page_lists_the_inputs_and_outputs_of_the_action() -> None:
    page = (ROOT / "docs" / "diff.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `([a-z]+)` \| ([^|]*) \|", page, re.MULTILINE))
    action = yaml.safe_load(ACTION.read_text(encoding="utf-8"))
    expected = {name: f"`{one['default']}`" if one["default"] else "–" for name, one in action["inputs"].items()}
    expected |= dict.fromkeys(action["outputs"], "output")
    assert {name: rows.get(name, "") for name in expected} == expected


@pytest.fixture
def change(tmp_path: Path) -> Path:
    """A clone with a branch that deletes a service, as actions/checkout leaves it."""
    root = clone(remote(tmp_path), "change")
    write(root, {"services/p/a/m-2.yaml": service("2", day=2)})
    committed(root, "--push")
    git(root, "switch", "-qc", "topic")
    (root / "services/p/a/m-1.yaml").unlink()
    committed(root)
    return root


def _run(change: Path, step: dict[str, Any], given: dict[str, str], **more: str) -> subprocess.CompletedProcess[str]:
    """Run a step of the action with the values of `given` for its variables."""
    tools = change.parent / "bin"
    tools.mkdir(exist_ok=True)
    install(tools)
    files = {name: str(change.parent / name) for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "RUNNER_TEMP")}
    Path(files["RUNNER_TEMP"]).mkdir(exist_ok=True)
    variables = {name: given[name] for name in step["env"]}
    found = find_program("kustomize")
    path = os.pathsep.join([str(tools), *([str(found.parent)] if found else []), os.environ["PATH"]])
    environment = {**os.environ, "GITHUB_ACTION_PATH": str(ROOT), **files, **variables, **more, "PATH": path}
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
    return subprocess.run(command, cwd=change, env=environment, capture_output=True, text=True, check=False)


def test_the_action_checks_reports_and_comments(change: Path, kustomize: Path) -> None:
    del kustomize  # `verify` needs it
    checks, report, comment = _steps(ACTION)[-3:]
    sha = git(change, "rev-parse", "HEAD")
    given = {
        **{"FOLDER": ".", "BASE": "origin/main", "GATE": "true", "PULL_REQUEST": "7", "GITHUB_TOKEN": TOKEN},
        **{"HEAD_OWNER": "dev", "HEAD_BRANCH": "topic", "HEAD_SHA": sha, "RUN_URL": "https://example.com/runs/1"},
    }
    done = _run(change, checks, given)
    assert done.returncode == 0, done.stderr
    done = _run(change, report, given)
    line = "Servegen-Accept: delete prod/p-prod/m-1"
    assert (done.returncode, done.stderr.splitlines()[1]) == (1, line)
    outputs = dict(row.split("=") for row in (change.parent / "GITHUB_OUTPUT").read_text("utf-8").splitlines())
    summary = (change.parent / "GITHUB_STEP_SUMMARY").read_text("utf-8")
    assert Path(outputs["markdown"]).read_text("utf-8") == summary
    assert line in Path(outputs["html"]).read_text("utf-8")
    comments = Comments()
    pull = {"number": 7, "state": "open", "head": {"sha": sha, "label": "dev:topic"}}
    with serve(comments, github(comments, [pull])) as address:
        api = {"GITHUB_API_URL": address, "GITHUB_REPOSITORY": "team/models", "NO_PROXY": "127.0.0.1"}
        done = _run(change, comment, given, **api)
    assert (done.returncode, done.stderr) == (0, "")
    assert [body.startswith(summary) for body in comments.bodies] == [True]
    assert _run(change, report, {**given, "GATE": "false"}).returncode == 0


def _wheel(folder: Path) -> str:
    """Write the wheel of a package, and return the line that requires it with its hash."""
    with zipfile.ZipFile(folder / "pinned-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("pinned.py", "")
        wheel.writestr("pinned-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: pinned\nVersion: 1.0\n")
        wheel.writestr("pinned-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr("pinned-1.0.dist-info/RECORD", "")
    digest = hashlib.sha256(Path(str(wheel.filename)).read_bytes()).hexdigest()
    return f"pinned==1.0 --hash=sha256:{digest}\n"


def test_the_action_installs_only_packages_with_hashes_and_runs_its_own_commit(change: Path, kustomize: Path) -> None:
    """The step itself runs, with one package without a network instead of those that servegen needs.

    `servegen --version` and the programs' installer need one of those: it is linked.
    """
    del kustomize  # else the step would build it
    step = next(step for step in _steps(ACTION) if step.get("name") == "install servegen")
    action, bin_ = change.parent / "action", change.parent / "RUNNER_TEMP" / "servegen" / "bin"
    (action / "requirements").mkdir(parents=True)
    (action / "generator").symlink_to(ROOT / "generator")
    requirements = action / "requirements" / "runtime.txt"
    for name in ("generator", "pip", "venv"):  # a change may have modules with these names
        write(change, {f"{name}/__init__.py": "", f"{name}/__main__.py": "raise SystemExit('the change runs')\n"})
    given = {**step["env"], "PYTHON": sys.executable}
    more = {"GITHUB_ACTION_PATH": str(action), "GITHUB_PATH": str(change.parent / "GITHUB_PATH"), "PYTHONPATH": ""}
    more |= {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(change.parent), "PIP_CONFIG_FILE": os.devnull, "GOPROXY": "off"}
    pinned = _wheel(change.parent)
    requirements.write_text(f"pinned==1.0 --hash=sha256:{'0' * 64}\n", "utf-8")
    refused = _run(change, step, given, **more)
    assert (refused.returncode, "DO NOT MATCH THE HASHES" in refused.stderr) == (1, True)
    requirements.write_text(pinned, "utf-8")
    create, _, install = step["run"].partition("\n")
    assert create == '"$PYTHON" -m venv "$RUNNER_TEMP/servegen"'  # which takes longest, and is done
    (records,) = bin_.parent.glob("lib/python*/site-packages")
    (records / "msgspec").symlink_to(Path(msgspec.__file__).parent)
    done = _run(change, {**step, "run": install}, given, **more)
    assert (done.returncode, done.stderr) == (0, "")
    assert "kustomize: found " in done.stdout
    assert (change.parent / "GITHUB_PATH").read_text("utf-8") == f"{bin_}\n"
    shown = subprocess.run([bin_ / "servegen", "--version"], cwd=change, capture_output=True, text=True, check=True)
    assert shown.stdout.startswith(f"servegen {__version__}")
    subprocess.run([bin_ / "python", "-I", "-c", "import pinned"], cwd=change, check=True)

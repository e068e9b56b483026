"""Files of `servegen init` for Git and CI in use: the hook in real commits, the steps of pipelines in clones."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import ROOT
from tests.support.clones import ATTRIBUTES, PLATFORM, clone, committed, git, head, identity, remote, service, write
from tests.support.command import servegen
from tests.support.on_path import install

INIT = ROOT / "templates" / "init"
MISTAKE = service("2", day=2).replace("type: triton-server", "type: triton-server\nreplicas: 5~2")


def _yaml(name: str) -> Any:
    # `on` is a boolean in YAML 1.1 and a string for GitHub, which reads YAML 1.2.
    return yaml.load((INIT / name).read_text(encoding="utf-8"), yaml.BaseLoader)


@pytest.fixture
def path(tmp_path: Path) -> str:
    """A PATH on which `servegen` is the one of this source tree."""
    folder = tmp_path / "bin"
    folder.mkdir()
    install(folder)
    return f"{folder}{os.pathsep}{os.environ['PATH']}"


def _run(folder: Path, path: str, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PATH": path, **variables}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=60)


def _hooked(folder: Path) -> Path:
    hook = folder / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text((INIT / "pre-commit-hook").read_text(encoding="utf-8"), encoding="utf-8")
    hook.chmod(0o755)
    return folder


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A rendered repository to clone; no test pushes to it."""
    return remote(tmp_path_factory.mktemp("remote"))


@pytest.fixture
def hooked(bare: Path, tmp_path: Path) -> Path:
    """A clone with the hook installed."""
    return _hooked(clone(bare, tmp_path.name))


def test_the_hook_lets_a_commit_pass_whose_tree_is_rendered(hooked: Path, path: str) -> None:
    write(hooked, {"services/p/a/m-2.yaml": service("2", day=2)})
    assert servegen(hooked, "render").returncode == 0
    git(hooked, "add", ".")
    done = _run(hooked, path, "git", "commit", "-qm", "both")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_hook_refuses_a_spec_without_its_tree_although_the_work_tree_has_it(hooked: Path, path: str) -> None:
    before = head(hooked)
    write(hooked, {"services/p/a/m-2.yaml": service("2", day=2)})
    assert servegen(hooked, "render").returncode == 0
    git(hooked, "add", "services")
    done = _run(hooked, path, "git", "commit", "-qm", "half")
    assert (done.returncode, head(hooked)) == (1, before)
    assert done.stderr.startswith("servegen: rendered/ is out of date\n  would create  rendered/p/a/")
    assert done.stderr.endswith(
        "  hint: run `servegen render` and commit\n"
        "pre-commit: run 'servegen render', stage services and rendered, and commit again\n"
        "  to commit as it is, without this check: git commit --no-verify\n"
    )
    git(hooked, "add", "rendered")
    assert _run(hooked, path, "git", "commit", "-qm", "whole").returncode == 0


def test_the_hook_reports_mistakes_with_positions_and_leaves_no_files(hooked: Path, path: str, tmp_path: Path) -> None:
    write(hooked, {"services/p/a/m-2.yaml": MISTAKE})
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    git(hooked, "add", ".")
    done = _run(hooked, path, "git", "commit", "-qm", "no", TMPDIR=str(temporary))
    assert done.returncode == 1
    assert "services/p/a/m-2.yaml:4:11: error: replicas: found" in done.stderr
    assert "pre-commit: fix the errors above" in done.stderr
    assert list(temporary.iterdir()) == []


def test_the_hook_looks_at_no_other_commit(hooked: Path, path: str, tmp_path: Path) -> None:
    write(hooked, {"services/p/a/m-2.yaml": MISTAKE, "README.md": "# Models\n"})
    git(hooked, "add", "README.md")
    (tmp_path / "bin" / "servegen").write_text("#!/bin/sh\nexit 9\n", encoding="utf-8")
    assert _run(hooked, path, "git", "commit", "-qm", "documentation").returncode == 0


def test_the_hook_reports_that_servegen_is_not_installed(hooked: Path) -> None:
    write(hooked, {"services/p/a/m-2.yaml": MISTAKE})
    git(hooked, "add", ".")
    without = [folder for folder in os.environ["PATH"].split(os.pathsep) if not (Path(folder) / "servegen").exists()]
    done = _run(hooked, os.pathsep.join(without), "git", "commit", "-qm", "no")
    assert done.returncode == 1
    assert done.stderr.startswith(
        "pre-commit: servegen is not installed: see the key install in services/platform.yaml\n"
    )


def test_the_hook_finds_the_repositories_of_a_monorepo_and_of_a_linked_work_tree(tmp_path: Path, path: str) -> None:
    top = tmp_path / "mono repo"
    top.mkdir()
    git(top, "init", "-q", "-b", "main")
    for folder in ("服务 [1]", "b/c"):
        write(top / folder, {"services/platform.yaml": PLATFORM, "services/p/a/m-1.yaml": service("1")})
        assert servegen(top / folder, "render").returncode == 0
    write(top, {".gitattributes": ATTRIBUTES, "other/services/readme.yaml": "not: ours\n"})
    git(_hooked(identity(top)), "add", ".")
    assert _run(top, path, "git", "commit", "-qm", "first").returncode == 0
    git(top, "worktree", "add", "-q", "../linked")
    linked = tmp_path / "linked"
    write(
        linked,
        {
            "other/services/readme.yaml": "still: not\n",
            "服务 [1]/services/p/a/m-1.yaml": service("1", host="m.example.com"),
        },
    )
    done = _run(linked, path, "git", "commit", "-qam", "half")
    assert done.returncode == 1
    assert "stage 服务 [1]/services and 服务 [1]/rendered, and commit" in done.stderr
    assert servegen(linked / "服务 [1]", "render").returncode == 0
    assert _run(linked, path, "git", "commit", "-qam", "whole").returncode == 0


def test_the_hook_agrees_with_servegen_commit(hooked: Path, path: str) -> None:
    write(hooked, {"services/p/a/m-2.yaml": service("2", day=2)})
    assert _run(hooked, path, "servegen", "commit").returncode == 0
    assert git(hooked, "status", "--porcelain") == ""


def _change(bare: Path, name: str, spec: str) -> Path:
    """A clone in which a branch adds one spec, as CI checks it out."""
    change = clone(bare, name)
    git(change, "switch", "-qc", "change")
    write(change, {"services/p/a/m-2.yaml": spec})
    return change


# What GitHub knows of an event, by the names in expressions; a name that is not there is empty.
PULL_REQUEST = {"github.event_name": "pull_request", "github.base_ref": "main", "github.event.before": "0" * 40}
PULL_REQUEST["github.event.number"] = "7"


def _evaluated(expression: str, facts: dict[str, str]) -> str:
    """Evaluate the subset of GitHub's expressions that the workflow uses, with JavaScript's && and ||."""
    value = ""
    for alternative in expression.removeprefix("${{ ").removesuffix(" }}").split(" || "):
        for term in alternative.split(" && "):
            left, compares, right = term.partition(" == ")
            form = re.fullmatch(r"format\('(.*)', (.*)\)", term)
            if compares:
                value = "true" if facts.get(left, "") == right.strip("'") else ""
            else:
                value = form[1].format(facts.get(form[2], "")) if form else facts.get(term, "")
            if not value:
                break
        if value:
            break
    return value


_EVENT = "github.event_name == '{}'"


def _github(change: Path, path: str, facts: dict[str, str] = PULL_REQUEST) -> list[subprocess.CompletedProcess[str]]:
    """Run the command steps of the workflow except the installation, up to the first that fails."""
    job = _yaml("github-workflow.yaml")["jobs"]["servegen"]
    done, base = [], _evaluated(job["env"]["BASE"], facts)
    temporary = Path(tempfile.mkdtemp(prefix=f"{change.name}.", dir=change.parent))
    for step in job["steps"]:
        fits = step.get("if", _EVENT.format(facts["github.event_name"])) == _EVENT.format(facts["github.event_name"])
        if "run" in step and " install" not in step["run"] and fits:
            settings, page = (change.parent / f"{change.name}.{name}" for name in ("env", "md"))
            settings.write_text("", "utf-8")
            files = {"GITHUB_ENV": str(settings), "GITHUB_STEP_SUMMARY": str(page), "RUNNER_TEMP": str(temporary)}
            number = _evaluated(job["env"]["PULL_REQUEST"], facts)
            done.append(_run(change, path, "bash", "-e", "-c", step["run"], BASE=base, PULL_REQUEST=number, **files))
            base = settings.read_text("utf-8").strip().removeprefix("BASE=") or base
            if done[-1].returncode:
                break
    return done[1:] if len(done) > 1 else done


@pytest.mark.parametrize(
    ("facts", "base"),
    [
        (PULL_REQUEST, "origin/main"),
        ({"github.event_name": "merge_group", "github.event.merge_group.base_sha": "1" * 40}, "1" * 40),
        ({"github.event_name": "push", "github.event.before": "2" * 40}, "2" * 40),
    ],
    ids=["pull request", "merge queue", "push"],
)
def test_the_github_workflow_takes_the_base_from_the_event(facts: dict[str, str], base: str) -> None:
    workflow = _yaml("github-workflow.yaml")
    assert facts["github.event_name"] in workflow["on"]
    assert workflow["on"]["push"] == {"branches": ["main"]}
    assert _evaluated(workflow["jobs"]["servegen"]["env"]["BASE"], facts) == base


@pytest.mark.parametrize("event", ["merge_group", "push", "first push"])
def test_two_changes_that_are_wrong_together_fail_in_a_merge_queue_and_on_main(
    event: str, bare: Path, tmp_path: Path, path: str, kustomize: Path
) -> None:
    change, tools = clone(bare, tmp_path.name), f"{path}{os.pathsep}{kustomize.parent}"
    base = head(change)
    name = "github.event.merge_group.base_sha" if event == "merge_group" else "github.event.before"
    facts = {"github.event_name": event.split()[-1], name: "0" * 40 if event == "first push" else base}
    write(change, {"services/p/a/m-2.yaml": service("2", host="x.example.com", day=2)})
    committed(change)
    assert [done.returncode for done in _github(change, tools, facts)] == [0, 0, 0]
    git(change, "switch", "-qc", "other", base)
    write(change, {"services/p/b/m-3.yaml": service("3", host="x.example.com", day=3)})
    committed(change)
    git(change, "merge", "-q", "--no-edit", "main")
    (done,) = _github(change, tools, facts)
    assert (done.returncode, "title=servegen H01::" in done.stdout) == (1, True)


def test_a_pull_request_that_is_right_passes_the_github_workflow(
    bare: Path, tmp_path: Path, path: str, kustomize: Path
) -> None:
    change = _change(bare, tmp_path.name, service("2", day=2))
    committed(change)
    done = _github(change, f"{path}{os.pathsep}{kustomize.parent}")
    assert [(one.returncode, one.stderr) for one in done] == [(0, "")] * 4
    assert "kustomize" in done[-2].stdout
    page = (change.parent / f"{change.name}.md").read_text(encoding="utf-8")
    assert "`service p/a/m-2 with " in page
    (report,) = change.parent.glob(f"{change.name}.*/servegen-diff/servegen-diff.md")
    assert report.read_text(encoding="utf-8") == page
    assert (report.parent / "servegen-diff.html").read_text(encoding="utf-8").startswith("<!doctype html>\n")
    assert (report.parent / "pull-request").read_text(encoding="utf-8") == "7\n"
    upload = _yaml("github-workflow.yaml")["jobs"]["servegen"]["steps"][-1]["with"]
    assert upload["path"] == "${{ runner.temp }}/servegen-diff"
    download = _yaml("github-comment.yaml")["jobs"]["comment"]["steps"][1]["with"]
    assert (download["name"], download["path"]) == (upload["name"], upload["path"])


@pytest.mark.parametrize("forge", ["github", "gitlab"])
def test_a_deletion_that_nobody_accepts_fails(forge: str, tmp_path: Path, path: str, kustomize: Path) -> None:
    change, tools = clone(remote(tmp_path), "change"), f"{path}{os.pathsep}{kustomize.parent}"
    write(change, {"services/p/a/m-2.yaml": service("2", day=2)})
    committed(change, "--push")
    git(change, "switch", "-qc", "change")
    (change / "services" / "p" / "a" / "m-1.yaml").unlink()
    committed(change)

    def last() -> subprocess.CompletedProcess[str]:
        base = head(change, "origin/main")
        steps = (
            _github(change, tools) if forge == "github" else _gitlab(change, tools, CI_MERGE_REQUEST_DIFF_BASE_SHA=base)
        )
        assert len(steps) == 4
        return steps[-1]

    refused = last()
    line = "Servegen-Accept: delete prod/p-prod/m-1"
    assert (refused.returncode, refused.stderr.splitlines()[1]) == (1, line)
    page = change.parent / f"{change.name}.md" if forge == "github" else change / "servegen-diff.md"
    assert f"- `{line}`" in page.read_text(encoding="utf-8")
    git(change, "commit", "-q", "--amend", "--no-edit", "--trailer", line)
    assert last().returncode == 0


def test_a_pull_request_with_a_mistake_is_annotated_by_the_github_workflow(
    bare: Path, tmp_path: Path, path: str
) -> None:
    change = _change(bare, tmp_path.name, MISTAKE)
    (done,) = _github(change, path)
    assert done.returncode == 1
    assert done.stdout.startswith("::error file=services/p/a/m-2.yaml,line=4,col=11,title=servegen K03::")


def test_a_pull_request_without_its_tree_is_annotated_by_the_github_workflow(
    bare: Path, tmp_path: Path, path: str
) -> None:
    change = _change(bare, tmp_path.name, service("2", day=2))
    steps = _github(change, path)
    assert [done.returncode for done in steps] == [0, 4], steps
    assert "title=servegen F10::rendered/ differs from what the specs render" in steps[-1].stdout


def _gitlab(change: Path, path: str, **variables: str) -> list[subprocess.CompletedProcess[str]]:
    done = []
    for line in _yaml("gitlab-ci.yaml")["servegen"]["script"]:
        done.append(_run(change, path, "sh", "-e", "-c", line, **variables))
        if done[-1].returncode:
            break
    return done


def test_a_merge_request_with_a_mistake_has_a_report_and_a_log_in_gitlab(bare: Path, tmp_path: Path, path: str) -> None:
    change = _change(bare, tmp_path.name, MISTAKE)
    (done,) = _gitlab(change, path, CI_MERGE_REQUEST_DIFF_BASE_SHA=head(change, "origin/main"))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("services/p/a/m-2.yaml:4:11: error: replicas: found")
    report = _yaml("gitlab-ci.yaml")["servegen"]["artifacts"]["reports"]["codequality"]
    assert '"path": "services/p/a/m-2.yaml"' in (change / report).read_text(encoding="utf-8")


def test_gitlab_looks_at_the_base_of_a_merge_request_and_has_none_on_the_default_branch(
    bare: Path, tmp_path: Path, path: str, kustomize: Path
) -> None:
    change = _change(bare, tmp_path.name, service("2", day=2))
    committed(change)
    assert [done.returncode for done in _gitlab(change, f"{path}{os.pathsep}{kustomize.parent}")] == [0, 0, 0, 0]
    (refused,) = _gitlab(change, path, CI_MERGE_REQUEST_DIFF_BASE_SHA="0" * 40)
    assert refused.returncode == 2
    assert f"{'0' * 40} is not a revision of this repository" in refused.stderr


REQUIREMENTS = "services/servegen-requirements.txt"
# Keys of a platform file, and the arguments that pip gets for them.
INSTALLED = {
    "servegen: ~=1.0": ["servegen~=1.0"],
    'servegen: ">=1.0, <2"  # both': ["servegen>=1.0, <2"],
    "servegen: ~=1.0\ninstall: git+https://git.example.com/servegen.git@v1.0  # a tag": [
        "git+https://git.example.com/servegen.git@v1.0"
    ],
    "servegen: ~=1.0\ninstall: --index-url https://packages.example.com/simple 'servegen >=1, <2'": [
        *("--index-url", "https://packages.example.com/simple", "servegen >=1, <2")
    ],
    'install: "./wheels/$(touch${IFS}no)*.whl"\nservegen: ~=1.0': ["./wheels/$(touch${IFS}no)*.whl"],
}


def _installation(forge: str) -> list[str]:
    if forge == "github":
        steps = _yaml("github-workflow.yaml")["jobs"]["servegen"]["steps"]
        return [step["run"] for step in steps if " install" in step.get("run", "")]
    return [
        line
        for line in _yaml("gitlab-ci.yaml")["servegen"]["before_script"]
        if " install" in line and "apt-get" not in line
    ]


def _variables(forge: str) -> dict[str, str]:
    job = _yaml("github-workflow.yaml" if forge == "github" else "gitlab-ci.yaml")
    variables: dict[str, str] = job["jobs"]["servegen"]["env"] if forge == "github" else job["servegen"]["variables"]
    return variables


def _commit(folder: Path) -> None:
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "files")


def _cloned(place: Path, files: dict[str, str]) -> Path:
    """A clone of a repository with these files on its main branch."""
    first = place / "first"
    git(place, "init", "-q", "-b", "main", str(first))
    write(identity(first), files)
    _commit(first)
    return clone(first, "change")


def _installed(forge: str, change: Path, place: Path, path: str) -> list[str]:
    """Run the installation in a clone as CI does it, with a pip that writes its arguments down, and return them."""
    noted = f'printf "%s\\n" "$@" >> "{place}/asked"; pwd > "{place}/where"'
    pip = f'if [ "$1 $2" = "-m pip" ]; then shift 3; {noted}; exit; fi'
    python = place / "bin" / "python"
    python.write_text(f'#!/bin/sh\n{pip}\nexec "{sys.executable}" "$@"\n', encoding="utf-8")
    python.chmod(0o755)
    variables = {**_variables(forge), "RUNNER_TEMP": str(place), "BASE": "origin/main"}
    variables |= {"CI_PROJECT_DIR": str(change), "CI_MERGE_REQUEST_DIFF_BASE_SHA": head(change, "origin/main")}
    wanted, programs = _installation(forge)
    assert programs == "python -m generator.core.programs install"
    done = _run(change, path, "sh", "-e", "-c", wanted, **variables)
    assert (done.returncode, done.stderr) == (0, "")
    assert Path((place / "where").read_text(encoding="utf-8").strip()) != change
    asked = (place / "asked").read_text(encoding="utf-8").splitlines()
    return asked[3:] if asked[:3] == ["--quiet", "pyyaml", "--quiet"] else asked


@pytest.mark.parametrize("keys", INSTALLED)
@pytest.mark.parametrize("forge", ["github", "gitlab"])
def test_pipelines_install_what_the_platform_file_names(forge: str, keys: str, tmp_path: Path, path: str) -> None:
    change = _cloned(tmp_path, {"services/platform.yaml": f"{keys}\n"})
    assert _installed(forge, change, tmp_path, path) == INSTALLED[keys]
    assert not (tmp_path / "no").exists()


@pytest.mark.parametrize("forge", ["github", "gitlab"])
def test_pipelines_install_with_hashes_what_the_requirements_of_a_release_name(
    forge: str, tmp_path: Path, path: str
) -> None:
    """And nothing else, such as a package that reads the platform file."""
    files = {"services/platform.yaml": "servegen: ~=1.0\ninstall: ./own.whl\n", REQUIREMENTS: "servegen==1.0.0\n"}
    change = _cloned(tmp_path, files)
    write(change, {REQUIREMENTS: "evil==1.0\n"})
    _commit(change)
    asked = ["--quiet", "--require-hashes", "-r", REQUIREMENTS]
    assert _installed(forge, change, tmp_path, path) == asked
    base = Path((tmp_path / "where").read_text(encoding="utf-8").strip())
    assert (base / REQUIREMENTS).read_text(encoding="utf-8") == "servegen==1.0.0\n"


@pytest.mark.parametrize("forge", ["github", "gitlab"])
def test_a_change_cannot_add_requirements(forge: str, tmp_path: Path, path: str) -> None:
    change = _cloned(tmp_path, {"services/platform.yaml": "servegen: ~=1.0\n"})
    write(change, {REQUIREMENTS: "evil==1.0\n"})
    _commit(change)
    assert _installed(forge, change, tmp_path, path) == ["servegen~=1.0"]


@pytest.mark.parametrize("forge", ["github", "gitlab"])
def test_a_change_cannot_choose_what_pipelines_install_and_run(forge: str, tmp_path: Path, path: str) -> None:
    """Neither by the platform file, nor by a wheel that it names, nor by a module that Python would find first."""
    base = {"services/platform.yaml": "servegen: ~=1.0\ninstall: ./own.whl\n", "own.whl": "that of main"}
    change = _cloned(tmp_path, base)
    run = f"open({str(tmp_path / 'ran')!r}, 'w')\n"
    write(change, {"services/platform.yaml": "install: ./evil.whl\n", "own.whl": "another one"})
    write(change, dict.fromkeys(("yaml.py", "shlex.py", "pip.py", "generator/core/programs.py", "re2.py"), run))
    _commit(change)
    assert _installed(forge, change, tmp_path, path) == ["./own.whl"]
    (found,) = {file.read_text("utf-8") for file in tmp_path.rglob("own.whl")} - {"another one"}
    assert found == "that of main"
    _run(change, path, "python", "-m", "generator.core.programs", "--help", **_variables(forge))
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("forge", ["github", "gitlab"])
def test_a_change_that_adds_the_platform_file_is_judged_by_the_newest_servegen(
    forge: str, tmp_path: Path, path: str
) -> None:
    change = _cloned(tmp_path, {"README": "no platform file\n"})
    write(change, {"services/platform.yaml": "servegen: ~=1.0\ninstall: evil\n"})
    _commit(change)
    assert _installed(forge, change, tmp_path, path) == ["servegen"]


@pytest.mark.parametrize("keys", INSTALLED)
def test_a_platform_file_may_say_where_servegen_comes_from(keys: str, tmp_path: Path) -> None:
    platform = re.sub("servegen: .*", lambda _: keys, PLATFORM, count=1)
    write(tmp_path, {"services/platform.yaml": platform, "services/p/a/m-1.yaml": service("1")})
    assert servegen(tmp_path, "validate", "--engine", "embedded").returncode == 0


def test_the_github_workflow_may_only_read_and_uses_no_actions_of_others() -> None:
    workflow = _yaml("github-workflow.yaml")
    assert workflow["permissions"] == {"contents": "read"}
    used = [step["uses"] for step in workflow["jobs"]["servegen"]["steps"] if "uses" in step]
    pinned = re.compile(r"(actions/[a-z-]+)@[0-9a-f]{40}")
    names = [match[1] if (match := pinned.fullmatch(action)) else action for action in used]
    assert names == ["actions/checkout", "actions/setup-python", "actions/upload-artifact"]
    assert "${{" not in "".join(step.get("run", "") for step in workflow["jobs"]["servegen"]["steps"])


def test_owners_are_an_example_that_does_nothing_until_a_line_is_taken_out_of_its_comment() -> None:
    lines = (INIT / "codeowners").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not line.startswith("#")] == []
    examples = [line.removeprefix("# ") for line in lines if line.startswith("# /")]
    assert len(examples) == 4
    for example in examples:
        assert re.fullmatch(r"/[a-z/]+/ @example/[a-z]+", example), example

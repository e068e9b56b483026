"""The scheduled jobs of `servegen init`: off until somebody switches them on, and then a step is pushed."""

from __future__ import annotations

import os
import re
import subprocess
from typing import TYPE_CHECKING, Any, Final

import pytest
import yaml

from generator.edit.scaffold import FORGES
from tests.conftest import ROOT
from tests.support.clones import git, head
from tests.support.on_path import install
from tests.support.rollouts import another, rollout

if TYPE_CHECKING:
    from pathlib import Path

INIT: Final = ROOT / "templates" / "init"


def _yaml(name: str) -> Any:
    return yaml.load((INIT / name).read_text(encoding="utf-8"), yaml.BaseLoader)


def _commands(forge: str) -> list[str]:
    """Return the commands of the job, without those that install servegen."""
    if forge == "github":
        steps = _yaml("github-advance.yaml")["jobs"]["advance"]["steps"]
        found = [step["run"] for step in steps if "run" in step]
    else:
        job = _yaml("gitlab-advance.yaml")["servegen-advance"]
        found = [*job["before_script"], *job["script"]]
    return [command for command in found if "pip install" not in command and "safe.directory" not in command]


def _run(folder: Path, command: str, environment: dict[str, str]) -> str:
    done = subprocess.run(
        ["bash", "-ec", command], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, (command, done.stdout + done.stderr)
    return done.stdout


@pytest.mark.parametrize("forge", ["github", "gitlab"])
def test_the_job_pushes_a_step(forge: str, tmp_path: Path) -> None:
    here = rollout(tmp_path)
    job = another(here, "job")
    git(job, "config", "--remove-section", "user")
    (tmp_path / "bin").mkdir()
    path = f"{install(tmp_path / 'bin').parent}{os.pathsep}{os.environ['PATH']}"
    variables = {
        "CI_PROJECT_URL": str(tmp_path / "remote"),
        "CI_COMMIT_BRANCH": "main",
        "CI_SERVER_HOST": "example.com",
    }
    if forge == "gitlab":  # it checks a commit out, and no branch
        git(job, "checkout", "-q", "--detach")
    environment = {**os.environ, **variables, "PATH": path, "HOME": str(tmp_path)}
    outputs = [_run(job, command, environment) for command in _commands(forge)]
    assert outputs[-1] == f"m-2 in prod gets 5 % of a.example.com: the first step (commit {head(job)[:9]})\n"
    assert git(here, "ls-remote", "origin", "main").split()[0] == head(job)
    assert git(job, "log", "-1", "--format=%an") == "servegen advance"


def test_the_github_workflow_begins_by_hand_and_uses_no_actions_of_others() -> None:
    workflow = _yaml("github-advance.yaml")
    assert list(workflow["on"]) == ["workflow_dispatch"]
    assert workflow["permissions"] == {"contents": "write"}
    steps = workflow["jobs"]["advance"]["steps"]
    used = [step["uses"] for step in steps if "uses" in step]
    main = [step["uses"] for step in _yaml("github-workflow.yaml")["jobs"]["servegen"]["steps"] if "uses" in step]
    assert [action.partition("@")[0] for action in used] == ["actions/checkout", "actions/setup-python"]
    assert set(used) <= set(main)
    assert "${{" not in "".join(step.get("run", "") for step in steps)


def test_the_schedule_of_github_is_one_when_its_lines_are_no_comment() -> None:
    text = (INIT / "github-advance.yaml").read_text(encoding="utf-8")
    lines = re.sub(r"(?m)^  # (schedule:|  - cron:)", r"  \1", text)
    found = yaml.load(lines, yaml.BaseLoader)["on"]
    assert found == {"workflow_dispatch": "", "schedule": [{"cron": "7,22,37,52 * * * *"}]}


def test_gitlab_includes_a_file_that_init_writes_and_needs_a_token() -> None:
    assert {name.removeprefix("/") for name in _yaml("gitlab-ci.yaml")["include"]} <= FORGES["gitlab"].keys()
    (rule,) = _yaml("gitlab-advance.yaml")["servegen-advance"]["rules"]
    assert rule == {
        "if": '$CI_PIPELINE_SOURCE == "schedule" && $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH && $SERVEGEN_PUSH_TOKEN'
    }

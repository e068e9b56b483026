"""The one comment: the commands of the CI files run against stand-ins of the two APIs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from generator.report import diff_markdown
from generator.report.diff_markdown import MARKER
from tests.conftest import ROOT
from tests.report.diff_views import view_of
from tests.support.forges import TOKEN, Comments, github, gitlab, serve

INIT = ROOT / "templates" / "init"
SHA = "1" * 40
REPORT = f"{MARKER}\n### What this change does\n\n- `prod: 1 service deleted` 模型\n"
NOTHING = diff_markdown.report(view_of([]))
OURS = "github-actions[bot]"


def _pull(number: int, sha: str = SHA, label: str = "dev:topic/a b", state: str = "open") -> dict[str, Any]:
    return {"number": number, "state": state, "head": {"sha": sha, "label": label}}


def _run(folder: Path, command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    # A python3 that is a script which chooses a version takes longer than the command.
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1", **variables}
    return subprocess.run(
        ["bash", "-e", "-c", command], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def _github(
    place: Path,
    comments: Comments,
    *,
    report: str | None = REPORT,
    pulls: list[dict[str, Any]] | None = None,
    **more: str,
) -> subprocess.CompletedProcess[str]:
    """Run the step of the workflow that posts, as in a fresh job."""
    files = place / "servegen-diff"
    files.mkdir(exist_ok=True)
    (files / "pull-request").write_text("7\n", "utf-8")
    (files / "servegen-diff.md").unlink(missing_ok=True)
    if report is not None:
        (files / "servegen-diff.md").write_text(report, "utf-8")
    (place / ".github").mkdir(exist_ok=True)
    (place / ".github" / "servegen-comment.py").write_text((INIT / "github-comment.py").read_text("utf-8"), "utf-8")
    step = yaml.safe_load((INIT / "github-comment.yaml").read_text("utf-8"))["jobs"]["comment"]["steps"][-1]
    with serve(comments, github(comments, [_pull(7)] if pulls is None else pulls)) as address:
        given = {
            "GITHUB_API_URL": address,
            "GITHUB_REPOSITORY": "team/models",
            "GITHUB_TOKEN": TOKEN,
            "RUNNER_TEMP": str(place),
            "HEAD_OWNER": "dev",
            "HEAD_BRANCH": "topic/a b",
            "HEAD_SHA": SHA,
            "RUN_URL": "https://github.example.com/team/models/actions/runs/1",
        }
        assert set(step["env"]) <= given.keys()
        return _run(place, step["run"], **{**given, **more})


def _gitlab(
    place: Path, comments: Comments, *, report: str | None = REPORT, sha: str = SHA, **more: str
) -> subprocess.CompletedProcess[str]:
    """Run the script of the job that writes the note."""
    (place / "servegen-diff.md").unlink(missing_ok=True)
    if report is not None:
        (place / "servegen-diff.md").write_text(report, "utf-8")
    (place / ".gitlab").mkdir(exist_ok=True)
    (place / ".gitlab" / "servegen-comment.py").write_text((INIT / "gitlab-comment.py").read_text("utf-8"), "utf-8")
    (line,) = yaml.safe_load((INIT / "gitlab-ci.yaml").read_text("utf-8"))["servegen-comment"]["script"]
    with serve(comments, gitlab(comments, sha)) as address:
        given = {
            "CI_API_V4_URL": address,
            "CI_MERGE_REQUEST_PROJECT_ID": "5",
            "CI_MERGE_REQUEST_IID": "7",
            "CI_COMMIT_SHA": SHA,
            "CI_PIPELINE_URL": "https://gitlab.example.com/team/models/-/pipelines/1",
            "SERVEGEN_TOKEN": TOKEN,
        }
        return _run(place, line, **{**given, **more})


FORGES = {"github": (_github, OURS), "gitlab": (_gitlab, "project_1_bot")}


@pytest.fixture(params=FORGES)
def forge(request: pytest.FixtureRequest) -> tuple[Any, str]:
    """The function that runs a forge's step, and the name of the token's user."""
    return FORGES[request.param]


def test_later_runs_update_the_one_comment(forge: tuple[Any, str], tmp_path: Path) -> None:
    """It is on the second page of the list, and one of the same text by somebody else is before it."""
    run, ours = forge
    comments = Comments()
    comments.add("mallory", f"{MARKER}\nnot ours")
    for number in range(120):
        comments.add("alice" if number % 2 else ours, f"comment {number}")
    first = run(tmp_path, comments)
    assert (first.returncode, first.stderr) == (0, "")
    assert len(comments.found) == 122
    assert comments.bodies[-1].startswith(REPORT)
    assert comments.bodies[-1].endswith(" has the whole report as an artefact.\n")
    comments.add("alice", "a later comment")
    again = run(tmp_path, comments, report=f"{MARKER}\nanother report\n")
    assert (again.returncode, again.stderr) == (0, "")
    assert (len(comments.found), len(comments.writes)) == (123, 2)
    assert comments.bodies[-2].startswith(f"{MARKER}\nanother report\n")
    assert comments.bodies[0] == f"{MARKER}\nnot ours"


@pytest.mark.parametrize("report", [NOTHING, None], ids=["nothing changes", "errors in the specs"])
def test_what_says_nothing_updates_a_comment_but_is_no_new_one(
    forge: tuple[Any, str], report: str | None, tmp_path: Path
) -> None:
    run, ours = forge
    comments = Comments()
    assert run(tmp_path, comments, report=report).returncode == 0
    assert comments.writes == []
    comments.add(ours, REPORT)
    done = run(tmp_path, comments, report=report)
    assert (done.returncode, done.stderr) == (0, "")
    expected = "Nothing changes in any environment." if report else "There is no report"
    assert expected in comments.bodies[0]
    assert "1 service deleted" not in comments.bodies[0]


def test_the_longest_report_is_accepted_with_what_is_added_to_it(forge: tuple[Any, str], tmp_path: Path) -> None:
    comments = Comments()
    done = forge[0](tmp_path, comments, report=f"{MARKER}\n{'x' * (60_000 - len(MARKER) - 2)}\n")
    assert (done.returncode, len(comments.found)) == (0, 1)


def test_a_refusal_is_reported_without_a_traceback_and_without_the_token(
    forge: tuple[Any, str], tmp_path: Path
) -> None:
    comments = Comments()
    done = forge[0](tmp_path, comments, GITHUB_TOKEN="wrong-token", SERVEGEN_TOKEN="wrong-token")
    assert (done.returncode, done.stdout, comments.writes) == (1, "", [])
    assert ": 401 Unauthorized: " in done.stderr
    assert "Traceback" not in done.stderr
    assert "wrong-token" not in done.stderr


@pytest.mark.parametrize(
    "pulls",
    [
        [],
        [_pull(7, sha="2" * 40)],
        [_pull(7, state="closed")],
        [_pull(7, label="mallory:topic/a b")],
        [_pull(8)],
    ],
    ids=["none", "newer commit", "closed", "another fork", "a number that the run made up"],
)
def test_github_gets_no_comment_on_a_pull_request_that_is_not_the_one_of_the_run(
    pulls: list[dict[str, Any]], tmp_path: Path
) -> None:
    comments = Comments()
    done = _github(tmp_path, comments, pulls=pulls)
    assert (done.returncode, done.stderr, comments.writes) == (0, "", [])
    assert done.stdout == "the pull request is closed or has a newer commit: nothing to do\n"


def test_gitlab_gets_no_note_of_an_older_commit(tmp_path: Path) -> None:
    comments = Comments()
    done = _gitlab(tmp_path, comments, sha="2" * 40)
    assert (done.returncode, comments.writes) == (0, [])
    assert done.stdout == "the merge request has a newer commit: nothing to do\n"
    # In a pipeline of the merged result, the commit is another one than that of the branch.
    assert _gitlab(tmp_path, comments, sha="3" * 40, CI_MERGE_REQUEST_SOURCE_BRANCH_SHA="3" * 40).returncode == 0
    assert len(comments.found) == 1


def test_github_gets_no_text_of_a_fork_that_is_no_report(tmp_path: Path) -> None:
    comments = Comments()
    done = _github(tmp_path, comments, report="buy this\n")
    assert (done.returncode, comments.writes) == (1, [])
    assert done.stderr.endswith("servegen-diff.md is no report of servegen diff\n")


def test_the_workflow_that_may_write_runs_nothing_of_the_change() -> None:
    workflow = yaml.load((INIT / "github-comment.yaml").read_text("utf-8"), yaml.BaseLoader)
    assert list(workflow["on"]) == ["workflow_run"]
    assert workflow["permissions"] == {}
    (job,) = workflow["jobs"].values()
    assert job["permissions"] == {"actions": "read", "contents": "read", "pull-requests": "write"}
    checkout, download, step = job["steps"]
    assert checkout["with"] == {"sparse-checkout": ".github", "persist-credentials": "false"}
    assert download["with"]["path"].startswith("${{ runner.temp }}/")
    assert "${{" not in step["run"]


def test_the_scripts_find_the_comment_by_the_line_that_the_report_starts_with() -> None:
    for name in ("github-comment.py", "gitlab-comment.py"):
        assert f'MARKER = "{MARKER}"\n' in (INIT / name).read_text("utf-8")

"""`servegen diff` in real Git: what it compares, what it prints, and its exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.review.sides import FIRST, OTHER, PLATFORM, SPECS, edit
from tests.support.clones import git, identity, write
from tests.support.command import servegen
from tests.support.prepared import copy_prepared


def _fill(root: Path) -> None:
    git(root, "init", "-q", "-b", "main")
    identity(root)
    write(root, dict(SPECS))
    git(root, "add", "-A")
    git(root, "commit", "-qm", "first")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with one commit."""
    here = tmp_path / "here"
    here.mkdir()
    copy_prepared(here, _fill)
    return here


def _commit(root: Path, files: dict[str, str], message: str = "change") -> None:
    write(root, files)
    git(root, "add", "-A")
    git(root, "commit", "-qm", message)


def _first_line(root: Path, *arguments: str) -> str:
    done = servegen(root, "diff", *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.partition("\n")[0]


def test_the_base_is_what_a_user_of_git_expects(root: Path) -> None:
    git(root, "clone", "-q", "--bare", ".", str(root.parent / "remote.git"))
    git(root, "remote", "add", "origin", str(root.parent / "remote.git"))
    git(root, "fetch", "-q", "origin")
    start = git(root, "rev-parse", "--short=9", "HEAD")
    git(root, "switch", "-qc", "topic")
    _commit(root, edit(FIRST, "A: one", "A: two"))
    tip = git(root, "rev-parse", "--short=9", "HEAD")
    git(root, "switch", "-q", "main")
    _commit(root, edit(OTHER, "replicas: 2", "replicas: 3"))
    git(root, "push", "-q", "origin", "main")
    git(root, "switch", "-q", "topic")
    # The branch since it left main; what main has got since then is no part of it.
    assert _first_line(root) == f"the merge base with origin/main ({start}) compared with the work tree"
    assert _first_line(root, "main...") == f"the merge base with main ({start}) compared with the work tree"
    assert "n-1" not in servegen(root, "diff").stdout
    assert "n-1" in servegen(root, "diff", "main").stdout
    assert _first_line(root, "...") == f"the merge base with HEAD ({tip}) compared with the work tree"
    assert _first_line(root, start, "topic") == f"{start} compared with topic"
    # Changes that are not committed come first, as in `git diff`.
    write(root, {"services/note.txt": "not a spec"})
    assert _first_line(root) == f"HEAD ({tip}) compared with the work tree"
    git(root, "remote", "remove", "origin")
    (root / "services" / "note.txt").unlink()
    assert _first_line(root) == f"the merge base with main ({start}) compared with the work tree"


def test_the_dangerous_part_is_first_and_restarts_are_counted(root: Path) -> None:
    write(root, edit(FIRST, "A: one", "A: two"))
    (root / OTHER).unlink()
    done = servegen(root, "diff")
    assert done.stdout.replace(git(root, "rev-parse", "--short=9", "HEAD"), "COMMIT") == (
        "HEAD (COMMIT) compared with the work tree\n"
        "prod: 1 service deleted, 1 host deleted, 1 object deleted, 1 service with 3 pods restart\n"
        "test: 1 service with 2 pods restart\n"
        "\n"
        "delete (objects and hosts that leave a cluster)\n"
        "  prod: service p/b/n-1 with 5 objects (2 pods): leaves\n"
        "    because of services/p/b/n-1.yaml:1:1 (removed; the line of the base)\n"
        "  prod: host n-1.example.com: no service has it any more; p/b/n-1 had it\n"
        "    because of services/p/b/n-1.yaml:1:1 (removed; the line of the base)\n"
        "  prod: ConfigMap p-prod/servegen-b\n"
        "    because of services/p/b/n-1.yaml:1:1 (removed; the line of the base)\n"
        "\n"
        "restart (pods are replaced)\n"
        "  prod: Deployment p-prod/m-1 (3 pods)\n"
        "    spec.template.spec.containers[main].env[A].value: one -> two\n"
        "    because of services/p/a/m-1.yaml:10:10 env.A\n"
        "  test: Deployment p-test/m-1 (2 pods)\n"
        "    spec.template.spec.containers[main].env[A].value: one -> two\n"
        "    because of services/p/a/m-1.yaml:10:10 env.A\n"
    )
    assert done.returncode == 0
    assert servegen(root, "diff", "--exit-code").returncode == 1


def test_equal_changes_are_one_block(root: Path) -> None:
    _commit(root, {f"services/p/a/m-{number}.yaml": _copy(number) for number in range(2, 21)}, "more")
    write(root, edit(PLATFORM, "clusters:", "defaults: {env: {LEVEL: high}}\nclusters:"))
    done = servegen(root, "diff")
    assert done.stdout.count("env[LEVEL]: nothing -> ") == 2 + 1, "one block of triton-server in each, one of tfserving"
    assert "  test: Deployment of 20 services (40 pods)\n" in done.stdout
    assert "    in m-1, m-10, m-11, m-12, m-13, m-14, m-15, m-16, m-17, m-18 and 10 more\n" in done.stdout
    assert "prod: 21 services with 62 pods restart\n" in done.stdout


def _copy(number: int) -> str:
    text = SPECS[FIRST].replace("v1", f"v{number}").replace("m.example.com", f"m{number}.example.com")
    return text.replace("  prod: {released: 2026-11-01T10:00:00Z, replicas: 3~6}", "  prod: {replicas: 3~6}")


def test_an_own_template_is_compared_with_that_of_the_base(root: Path) -> None:
    name = "service/overlay/20-poddisruptionbudget.yaml.j2"
    text = (Path(__file__).parents[2] / "templates" / name).read_text(encoding="utf-8")
    _commit(root, {f"templates/{name}": text})
    assert "nothing changes" in servegen(root, "diff", "HEAD~1").stdout, "it is the one that servegen ships"
    write(root, {f"templates/{name}": text.replace("maxUnavailable: 1", "maxUnavailable: 2")})
    done = servegen(root, "diff")
    assert "in place (" in done.stdout
    assert f"spec.maxUnavailable: 1 -> 2\n    because of templates/{name}:8:1\n" in done.stdout


def test_a_template_with_an_error_is_reported_from_each_process(root: Path) -> None:
    """A fleet of 120 apps is rendered by several processes."""
    apps = {f"services/p/x{number}/x{number}-1.yaml": SPECS[OTHER].replace("n", "x", 1) for number in range(120)}
    write(root, apps | {"templates/service/overlay/90-own.yaml.j2": "apiVersion: v1\nkind: {{ service.name }}\n"})
    done = servegen(root, "diff")
    assert done.returncode == 1
    assert done.stderr.startswith(
        "templates/service/overlay/90-own.yaml.j2:1:1: error: the object has no metadata.name"
    )
    assert done.stderr.count("[T02]") == 1


def test_json_is_what_the_schema_says(root: Path) -> None:
    import jsonschema_rs

    schema = json.loads((Path(__file__).parents[2] / "docs" / "diff.schema.json").read_text(encoding="utf-8"))
    validator = jsonschema_rs.validator_for(schema)
    closed = json.loads(
        json.dumps(schema).replace('"type": "object", "required"', '"unevaluatedProperties": false, "required"')
    )
    strict = jsonschema_rs.validator_for(closed)
    moved = edit(FIRST, "A: one", "A: two", edit(PLATFORM, "test: {cluster: main,", "test: {cluster: far,"))
    for specs in (SPECS, moved, edit(OTHER, "replicas: 2", "replicas: 3")):
        write(root, dict(specs))
        found = json.loads(servegen(root, "diff", "--output", "json").stdout)
        assert [str(error) for error in (*validator.iter_errors(found), *strict.iter_errors(found))] == []
    write(root, dict(moved))
    found = json.loads(servegen(root, "diff", "--output", "json").stdout)
    assert found["restarts"] == {"prod": {"services": 1, "pods": 3}}
    assert [(one["project"], one["before"], one["after"]) for one in found["moves"]] == [
        ("p", "main/p-test", "far/p-test")
    ]


def test_nothing_changes_without_a_change(root: Path) -> None:
    write(root, edit(FIRST, "command: run", "command: run  # as before"))
    done = servegen(root, "diff", "--exit-code")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "nothing changes in any environment")


def test_histories_without_a_common_commit_are_a_usage_error(root: Path) -> None:
    _commit(root, edit(FIRST, "A: one", "A: two"))
    git(root, "clone", "-q", "--depth", "1", f"file://{root}", str(root.parent / "shallow"))
    git(root.parent / "shallow", "fetch", "-q", "--depth", "1", "origin", git(root, "rev-parse", "HEAD~1"))
    done = servegen(root.parent / "shallow", "diff", "FETCH_HEAD...")
    assert (done.returncode, "FETCH_HEAD has no common commit with" in done.stderr) == (2, True)
    assert "fetch the history of both" in done.stderr


def test_mistakes_are_reported(root: Path) -> None:
    done = servegen(root, "diff", "nowhere")
    assert (done.returncode, "nowhere is not a revision" in done.stderr) == (2, True)
    write(root, edit(FIRST, "replicas: 2~4", "replicas: many"))
    done = servegen(root, "diff")
    assert (done.returncode, "services/p/a/m-1.yaml:6:11: error" in done.stderr) == (1, True)
    assert "the specs of the work tree have errors" in done.stderr
    _commit(root, {}, "broken")
    write(root, {FIRST: SPECS[FIRST]})
    done = servegen(root, "diff")
    assert (done.returncode, "create (" in done.stdout) == (0, True), "the base had no such service that runs"
    assert f"specs of the base have errors, and are compared as if they were absent: {FIRST}" in done.stdout


def test_secrets_are_not_printed(root: Path) -> None:
    write(root, edit(FIRST, "env: {A: one}", "env: {A: one, DB_PASSWORD: correct-horse-battery}"))
    done = servegen(root, "diff")
    assert "env[DB_PASSWORD]" in done.stdout
    for output in ("json", "markdown"):
        done_too = servegen(root, "diff", "--output", output)
        assert "DB_PASSWORD" in done_too.stdout
        assert "correct-horse" not in done.stdout + done_too.stdout


def test_the_gate_wants_a_trailer_in_a_commit_of_the_change(root: Path) -> None:
    git(root, "commit", "-q", "--allow-empty", "-m", "before\n\nServegen-Accept: delete prod/p-prod/n-1")
    git(root, "switch", "-qc", "topic")
    git(root, "rm", "-q", OTHER)
    git(root, "commit", "-qm", "remove a service")
    done = servegen(root, "diff", "main...", "--gate")
    assert done.returncode == 1, "the trailer of an earlier commit does not count"
    assert done.stderr == (
        "servegen: 1 change must be accepted with this line:\n"
        "Servegen-Accept: delete prod/p-prod/n-1\n"
        "  hint: add this line to the end of the message of a commit of this change, for example with "
        "`git commit --amend`\n"
    )
    assert "prod: service p/b/n-1 with 5 objects" in done.stdout
    markdown = servegen(root, "diff", "main...", "--gate", "--output", "markdown")
    assert markdown.stdout.index("Needs acceptance") < markdown.stdout.index("#### delete")
    assert "- `Servegen-Accept: delete prod/p-prod/n-1`" in markdown.stdout
    git(root, "commit", "-q", "--amend", "-m", "remove a service", "--trailer", done.stderr.splitlines()[1])
    for arguments in (["main..."], ["main", "topic"]):
        done = servegen(root, "diff", *arguments, "--gate", "--output", "json")
        assert (done.returncode, done.stderr) == (0, "")
        assert json.loads(done.stdout)["acceptances"] == [{"text": "delete prod/p-prod/n-1", "accepted": True}]
    assert servegen(root, "diff", "main...", "--gate", "--exit-code").returncode == 1, "there is a change"
    # What is not committed cannot be accepted yet.
    (root / FIRST).unlink()
    done = servegen(root, "diff", "--gate")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == "  hint: commit the change, with these lines at the end of the message"
    assert done.stderr.splitlines()[1:3] == [
        "Servegen-Accept: delete prod/p-prod/m-1",
        "Servegen-Accept: delete test/p-test/m-1",
    ]


def test_a_report_is_also_written_to_files_in_the_formats_of_their_endings(root: Path) -> None:
    write(root, edit(FIRST, "A: one", "A: 二<b>"))
    files = ("r.html", "r.md", "r.json", "r.txt")
    done = servegen(root, "diff", *(word for file in files for word in ("--write", file)))
    assert (done.returncode, done.stderr) == (0, "")
    assert (root / "r.txt").read_text("utf-8") == done.stdout
    for file, output in (("r.html", "html"), ("r.md", "markdown"), ("r.json", "json")):
        assert (root / file).read_text("utf-8") == servegen(root, "diff", "--output", output).stdout
    assert "<td><code>二&lt;b&gt;</code></td>" in (root / "r.html").read_text("utf-8")


def test_a_report_is_written_although_a_change_is_not_accepted(root: Path) -> None:
    (root / OTHER).unlink()
    done = servegen(root, "diff", "--gate", "--write", "r.html")
    assert done.returncode == 1
    assert "Servegen-Accept: delete prod/" in (root / "r.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("file", "code", "message"),
    [
        ("report.pdf", 2, "--write report.pdf: the name of the file must end in .html, .json, .md, .txt"),
        ("no/report.md", 3, "report.md: No such file or directory"),
    ],
)
def test_a_file_that_cannot_be_written_is_reported(root: Path, file: str, code: int, message: str) -> None:
    done = servegen(root, "diff", "--write", file)
    assert (done.returncode, done.stdout) == (code, "")
    assert message in done.stderr

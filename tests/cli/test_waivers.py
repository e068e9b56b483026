"""Waivers as users meet them: what is accepted, by whom, how it is reported, and that nothing is lost."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest

from generator.core.paths import templates_root
from generator.core.template_loader import TemplateLoader
from generator.pipeline.plan import plan
from tests.support.clones import git, identity, write
from tests.support.command import servegen

PLATFORM: Final = "services/platform.yaml"
PROJECT: Final = "services/p/project.yaml"
OWN: Final = "services/p/a/m-1.yaml"
CLUSTERS: Final = """\
servegen: ~=1.0
clusters:
  main: {domain: service.example.com, gateways: managed}
environments:
  prod: {cluster: main, stage: prod, requires: none}
grants: {}
"""
SPEC: Final = "model: m\nversion: v1\ntype: triton-server\ncommand: run\nhealth: 8000:/ready\nenvironments: {prod: }\n"
SECRET: Final = "abcd-efgh-1"
KEY: Final = f"{SPEC}env: {{DEMO_TOKEN: {SECRET}}}\n"
WAIVER: Final = 'waivers:\n  - {check: L01, reason: "the key of the public demo", at: env.DEMO_TOKEN}\n'


def _repository(root: Path, files: dict[str, str]) -> Path:
    write(root, {PLATFORM: CLUSTERS, OWN: KEY, **files})
    return root


def _found(root: Path, *arguments: str) -> dict[str, dict[str, Any]]:
    done = servegen(root, "validate", "--engine", "embedded", "--output", "json", *arguments)
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return {finding["id"]: finding for finding in found}


def _tree(root: Path) -> dict[str, bytes]:
    files = (path for path in (root / "rendered").rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in files}


def test_a_waived_secret_stops_nothing_and_is_not_lost(tmp_path: Path) -> None:
    root = _repository(tmp_path, {OWN: KEY + WAIVER})
    done = servegen(root, "validate", "--engine", "embedded")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("1 finding is waived: see `servegen list waivers`\nembedded: ")
    assert _found(root) == {
        "L01": {
            "id": "L01",
            "page": "docs/reference/checks.html#l01",
            "severity": "waived",
            "message": "found the value of DEMO_TOKEN in clear text, expected a reference to a Secret",
            "hint": "write DEMO_TOKEN: {secret: m-1/demo-token}; replace the secret if it was pushed",
            "file": OWN,
            "line": 7,
            "column": 19,
            "environments": [],
            "also": [],
            "waiver": {
                "severity": "error",
                "reason": "the key of the public demo",
                "until": None,
                "file": OWN,
                "line": 9,
                "column": 5,
            },
        }
    }
    log = json.loads(servegen(root, "validate", "--engine", "embedded", "--output", "sarif").stdout)
    (result,) = log["runs"][0]["results"]
    assert result["level"] == "error"
    assert result["suppressions"] == [
        {"kind": "inSource", "status": "accepted", "justification": "the key of the public demo"}
    ]
    for output, nothing in (("github", "no findings\n"), ("gitlab", "[]\n")):
        assert servegen(root, "validate", "--engine", "embedded", "--output", output).stdout == nothing


def test_render_the_hook_and_commit_agree_with_validate(tmp_path: Path) -> None:
    root = tmp_path / "repo"
    write(root, {PLATFORM: CLUSTERS, OWN: KEY})
    git(root, "init", "-q", "-b", "main")
    identity(root)
    for command in (["validate", "--engine", "embedded"], ["render"], ["commit"]):
        assert servegen(root, *command).returncode == 1, command
    write(root, {OWN: KEY + WAIVER})
    assert servegen(root, "validate", "--engine", "embedded").returncode == 0
    assert servegen(root, "render").returncode == 0
    assert servegen(root, "render", "--check").returncode == 0
    git(root, "add", ".")
    assert servegen(root, "commit").returncode == 0
    assert servegen(root, "verify", "HEAD", "--no-build").returncode == 0
    with_waiver = _tree(root)
    write(root, {OWN: f"{KEY}"})
    assert servegen(root, "render", "--check").returncode == 1
    assert with_waiver == _tree(root)


def test_a_waiver_and_its_last_day_change_no_rendered_byte() -> None:
    loader = TemplateLoader((templates_root(),))
    demo = SPEC.replace("triton-server", "serving").replace("health: 8000:/ready", "image: example.com/m:1")
    until = demo + "waivers: [{check: C28, reason: the server has no endpoint, until: 2026-03-01}]\n"
    results = [
        plan({PLATFORM: CLUSTERS.encode(), OWN: text.encode()}, loader, now=datetime(year, 3, 2, tzinfo=UTC))
        for text, year in ((demo, 2025), (until, 2025), (until, 2026))
    ]
    assert results[0].files == results[1].files == results[2].files
    assert [{(one.id, str(one.severity)) for one in result.findings} for result in results] == [
        {("C28", "warning")},
        {("C28", "waived")},
        {("C28", "warning"), ("W02", "warning")},
    ]


@pytest.mark.parametrize(
    ("waiver", "id", "line", "message"),
    [
        ("{check: L01}", "K02", 9, "the key waivers.0.reason is missing"),
        ("{check: L01, reason: ''}", "K03", 9, 'waivers.0.reason: found "", expected a string'),
        ("{reason: public}", "K02", 9, "the key waivers.0.check is missing"),
        (
            "{check: L01, reason: public, until: soon}",
            "K03",
            9,
            'waivers.0.until: found "soon", expected a day such as',
        ),
        ("{check: L01, reason: public, until: 2027-02-30}", "K03", 9, "expected a day such as 2027-03-01"),
        ("{check: L01, reason: public, where: a}", "K01", 9, 'found the unknown key "where" in waivers.0'),
        ("{check: L1, reason: public}", "W03", 9, 'found a waiver of "L1", expected the id of a check with warnings'),
    ],
)
def test_a_mistake_in_a_waiver_is_an_error_at_its_line(
    waiver: str, id: str, line: int, message: str, tmp_path: Path
) -> None:
    found = _found(_repository(tmp_path, {OWN: f"{KEY}waivers:\n  - {waiver}\n"}))
    assert (found[id]["severity"], found[id]["line"]) == ("error", line)
    assert message in found[id]["message"]
    assert found["L01"]["severity"] == "error"


def test_a_waiver_is_for_its_key_only(tmp_path: Path) -> None:
    second = f"{SPEC}env: {{DEMO_TOKEN: {SECRET}, OTHER_TOKEN: abcd-efgh-2}}\n# password: abcd-efgh-3\n"
    root = _repository(tmp_path, {OWN: second + WAIVER})
    done = servegen(root, "validate", "--engine", "embedded", "--output", "json")
    found = [(one["line"], one["severity"]) for one in json.loads(done.stdout)]
    assert found == [(7, "waived"), (7, "error"), (8, "error")]


def test_only_the_platform_file_can_free_a_project(tmp_path: Path) -> None:
    asks = f"{SPEC}host: m.example.org\n"
    own = {OWN: f"{asks}waivers: [{{check: A02, reason: we need it}}]\n"}
    found = _found(_repository(tmp_path / "own", own))
    assert {id: finding["severity"] for id, finding in found.items()} == {"A02": "error", "W03": "error"}
    waiver = "waivers: [{check: A02, reason: until the contract ends, where: [p/*]}]\n"
    found = _found(_repository(tmp_path / "platform", {PLATFORM: CLUSTERS + waiver, OWN: asks}))
    assert {id: finding["severity"] for id, finding in found.items()} == {"A02": "waived"}
    no_grants = CLUSTERS.replace("grants: {}\n", "")
    root = _repository(tmp_path / "none", {PLATFORM: no_grants + waiver, OWN: asks})
    assert {id: finding["severity"] for id, finding in _found(root).items()} == {"A02": "waived"}
    assert servegen(root, "doctor", "--grants").stdout == "grants:\n"


def test_what_no_grant_allows_the_platform_cannot_waive(tmp_path: Path) -> None:
    waiver = "waivers: [{check: A02, reason: we need it}]\n"
    root = _repository(tmp_path, {PLATFORM: CLUSTERS + waiver, OWN: f"{SPEC}host: m.p-prod.svc.cluster.local\n"})
    assert {id: finding["severity"] for id, finding in _found(root).items()} == {"A02": "error", "W03": "error"}


def test_with_a_base_the_waivers_of_the_platform_come_from_it(tmp_path: Path) -> None:
    root = tmp_path / "repo"
    waiver = "waivers:\n  - {check: A02, reason: until the contract ends}\n"
    write(root, {PLATFORM: CLUSTERS, OWN: SPEC, "CODEOWNERS": "/services/platform.yaml @platform\n"})
    git(root, "init", "-q", "-b", "main")
    identity(root)
    git(root, "add", ".")
    git(root, "commit", "-qm", "one")
    write(root, {PLATFORM: CLUSTERS + waiver, OWN: f"{SPEC}host: m.example.org\n"})
    found = _found(root, "--base", "HEAD")
    assert {id: finding["severity"] for id, finding in found.items()} == {
        "A02": "error",
        "F17": "warning",
        "W04": "warning",
    }
    assert (found["W04"]["file"], found["W04"]["line"]) == (PLATFORM, 8)
    assert found["W04"]["hint"].endswith("(by CODEOWNERS: @platform)")
    git(root, "commit", "-qam", "two")
    assert {id: one["severity"] for id, one in _found(root, "--base", "HEAD").items()} == {"A02": "waived"}
    write(root, {PLATFORM: CLUSTERS})
    found = _found(root, "--base", "HEAD")
    assert {id: finding["severity"] for id, finding in found.items()} == {"A02": "waived", "W04": "warning"}


def test_waivers_of_a_project_count_as_they_are_in_a_change(tmp_path: Path) -> None:
    root = tmp_path / "repo"
    write(root, {PLATFORM: CLUSTERS, OWN: SPEC})
    git(root, "init", "-q", "-b", "main")
    identity(root)
    git(root, "add", ".")
    git(root, "commit", "-qm", "one")
    write(root, {OWN: KEY + WAIVER})
    assert {id: one["severity"] for id, one in _found(root, "--base", "HEAD").items()} == {"L01": "waived"}


LISTED: Final = {
    PLATFORM: CLUSTERS
    + "waivers:\n  - {check: A02, reason: until the contract ends, until: 2999-12-31, where: [p/*]}\n",
    PROJECT: "waivers:\n  - {check: C24, reason: demo models change, where: 'demo/*'}\n",
    OWN: f"{KEY}{WAIVER}  - {{check: C28, reason: it had none, until: 2020-01-01}}\n"
    f"  - {{check: Q01, reason: the token is {SECRET}}}\n",
}


def test_a_list_of_all_waivers(tmp_path: Path) -> None:
    root = _repository(tmp_path, LISTED)
    done = servegen(root, "list", "waivers")
    assert done.returncode == 1
    assert done.stdout == (
        "CHECK  WAIVER                     AT              WHERE   UNTIL       STATE    FINDINGS  REASON\n"
        "L01    services/p/a/m-1.yaml:9    env.DEMO_TOKEN  -       -           used     1         "
        "the key of the public demo\n"
        "C28    services/p/a/m-1.yaml:10   -               -       2020-01-01  expired  0         it had none\n"
        "Q01    services/p/a/m-1.yaml:11   -               -       -           refused  0         the token is ***\n"
        "C24    services/p/project.yaml:2  -               demo/*  -           unused   0         demo models change\n"
        "A02    services/platform.yaml:8   -               p/*     2999-12-31  unused   0         "
        "until the contract ends\n"
    )
    rows = json.loads(servegen(root, "list", "waivers", "--project", "p", "--output", "json").stdout)
    assert [row["check"] for row in rows] == ["L01", "C28", "Q01", "C24"]
    assert rows[0]["findings"] == [{"file": OWN, "line": 7}]
    everything = "".join(
        servegen(root, *command).stdout + servegen(root, *command).stderr
        for command in (["list", "waivers", "--output", "json"], ["validate", "--engine", "embedded"])
    )
    assert SECRET not in done.stdout + done.stderr + everything
    assert servegen(root, "list", "waivers", "--model", "m").returncode == 2


def test_a_new_version_does_not_take_waivers_over(tmp_path: Path) -> None:
    registered = "versions:\n  v1: {path: /mnt/1, framework: onnx}\n  v2: {path: /mnt/2, framework: onnx}\n"
    like = SPEC + "waivers: [{check: C24, reason: looked at it}]\nimage: example.com/m:1\n"
    root = _repository(tmp_path, {OWN: like, "services/p/models/m.yaml": registered})
    done = servegen(root, "publish", "p/m", "v2", "--like", "m-1")
    assert done.returncode == 0, done.stderr
    assert "waivers" not in (root / "services/p/a/m-2.yaml").read_text(encoding="utf-8")


def test_a_list_of_waivers_says_what_else_is_wrong(tmp_path: Path) -> None:
    root = _repository(tmp_path, {OWN: KEY + WAIVER})
    (root / "services/p/link.yaml").symlink_to("project.yaml")
    done = servegen(root, "list", "waivers")
    assert done.returncode == 1
    assert "[F08]" in done.stderr
    assert done.stdout.splitlines()[1].startswith("L01 ")


def test_an_image_that_is_meant_to_change_is_waived_with_a_reason(tmp_path: Path) -> None:
    root = _repository(tmp_path, {OWN: f"{SPEC}image: example.com/demo:latest\n"})
    assert _found(root)["C24"]["severity"] == "error"
    reason = "waivers:\n  - {check: C24, reason: the demo follows the newest build}\n"
    write(root, {OWN: f"{SPEC}image: example.com/demo:latest\n{reason}"})
    assert {id: one["severity"] for id, one in _found(root).items()} == {"C24": "waived"}

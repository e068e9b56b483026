"""The output of each format for the same findings: cases/report/ holds it in full, `--rewrite` rewrites it."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from generator.core.finding import Finding, Position, Severity
from generator.report import FORMATS
from generator.report.fingerprint import fingerprints
from generator.report.rules import rule
from generator.report.text import block
from generator.report.wording import explain, sentence
from tests.conftest import ROOT
from tests.report.findings import FINDINGS, SOURCES

CASES = ROOT / "tests" / "cases" / "report"
SARIF = jsonschema_rs.validator_for(
    json.loads(Path(__file__).with_name("sarif-schema-2.1.0.json").read_text(encoding="utf-8")), validate_formats=True
)
# The characters that XML 1.0 allows, which generator.report.junit must keep; it must replace all others.
LEGAL = re.compile(r"[\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*")


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("case", ["findings", "empty"])
def test_the_whole_output_of_a_format(name: str, case: str, rewrite: bool) -> None:
    text = FORMATS[name](FINDINGS if case == "findings" else [], SOURCES).encode()
    golden = CASES / f"{case}.{name}"
    if rewrite:
        golden.write_bytes(text)
    assert text == golden.read_bytes()


def test_a_note_comes_last_and_fails_nothing() -> None:
    note = replace(FINDINGS[0], severity=Severity.NOTE)
    assert ": note: " in FORMATS["text"]([note], {})
    assert FORMATS["text"]([note, note], {}).endswith("\n2 notes\n")
    commands = _commands(FORMATS["github"]([note, replace(note, severity=Severity.WARNING)], {}))
    assert [kind for kind, _, _ in commands] == ["warning", "notice"]
    assert json.loads(FORMATS["gitlab"]([note], {}))[0]["severity"] == "info"
    (run,) = json.loads(FORMATS["sarif"]([note], {}))["runs"]
    assert run["results"][0]["level"] == "note"
    assert 'failures="0"' in FORMATS["junit"]([note], {})


TEXTS = st.text() | st.sampled_from(["%0A", "::", "##[error]x", "]]>", "a,b=c:d", "&lt;", "[a](1)", "\r\n", "\ufffe"])
POSITIONS = st.builds(Position, TEXTS.filter(bool), st.integers(1, 9999), st.integers(1, 999))
PROBLEMS = st.lists(
    st.builds(
        Finding,
        st.sampled_from(["K01", "K03", "H01", "H16", "S01"]),
        TEXTS,
        POSITIONS,
        TEXTS,
        st.sampled_from([Severity.ERROR, Severity.WARNING]),
        st.lists(POSITIONS, max_size=2).map(tuple),
        st.lists(TEXTS, max_size=2).map(tuple),
    ),
    max_size=30,
)


def _commands(text: str) -> list[tuple[str, dict[str, str], str]]:
    """Parse workflow commands as GitHub does: kind, properties, message; each is one line of the log."""
    found = []
    for line in re.split(r"\r\n|\r|\n", text)[:-1]:
        parts = re.fullmatch(r"::(\w+) ([^:]*)::(.*)", line, re.DOTALL)
        assert parts is not None, line
        properties = dict(pair.split("=", 1) for pair in parts[2].split(","))
        found.append((parts[1], {key: _unescaped(value) for key, value in properties.items()}, _unescaped(parts[3])))
    return found


def _unescaped(text: str) -> str:
    return re.sub(r"%(25|0D|0A|3A|2C)", lambda escape: chr(int(escape[1], 16)), text)


@given(PROBLEMS.filter(bool))
def test_github_reads_every_finding_as_it_was(findings: list[Finding]) -> None:
    commands = [command for command in _commands(FORMATS["github"](findings, {})) if command[0] != "notice"]
    first = sorted(findings, key=lambda finding: finding.severity is Severity.WARNING)
    assert commands == [
        (
            str(finding.severity),
            {
                "file": finding.position.file,
                "line": str(finding.position.line),
                "col": str(finding.position.column),
                "title": f"servegen {finding.id}",
            },
            explain(finding),
        )
        for finding in first
    ]


@pytest.mark.parametrize(
    ("errors", "warnings", "rest"),
    [(10, 10, ""), (11, 10, "1 more error"), (0, 12, "2 more warnings"), (30, 11, "20 more errors and 1 more warning")],
)
def test_github_gets_a_notice_about_findings_that_it_does_not_show(errors: int, warnings: int, rest: str) -> None:
    findings = [replace(FINDINGS[0], severity=Severity.WARNING)] * warnings + [FINDINGS[0]] * errors
    commands = _commands(FORMATS["github"](findings, {}))
    assert [kind for kind, _, _ in commands] == ["error"] * errors + ["warning"] * warnings + ["notice"] * bool(rest)
    said = f"GitHub shows 10 of each severity; the log of this step has {rest}"
    assert commands[errors + warnings :] == ([("notice", {"title": "servegen"}, said)] if rest else [])


@given(PROBLEMS)
def test_gitlab_reads_every_finding_as_it_was(findings: list[Finding]) -> None:
    issues = json.loads(FORMATS["gitlab"](findings, {}))
    assert [(issue["description"], issue["check_name"]) for issue in issues] == [
        (explain(finding), finding.id) for finding in findings
    ]
    assert [issue["location"] for issue in issues] == [
        {"path": finding.position.file, "lines": {"begin": finding.position.line}} for finding in findings
    ]
    assert {issue["severity"] for issue in issues} <= {"blocker", "minor"}


@given(PROBLEMS, st.integers(1, 99))
def test_a_fingerprint_is_one_findings_own_and_outlives_a_move_of_its_line(findings: list[Finding], by: int) -> None:
    names = fingerprints(findings)
    assert len(set(names)) == len(findings)
    moved = [replace(p, position=replace(p.position, line=p.position.line + by, column=1), hint="") for p in findings]
    assert fingerprints(moved) == names


@given(PROBLEMS)
def test_sarif_is_valid_and_holds_every_finding(findings: list[Finding]) -> None:
    log = json.loads(FORMATS["sarif"](findings, {}))
    assert [error.message for error in SARIF.iter_errors(log)] == []
    (run,) = log["runs"]
    first = sorted(findings, key=lambda finding: finding.severity is Severity.WARNING)
    rules = run["tool"]["driver"]["rules"]
    for result, finding in zip(run["results"], first, strict=True):
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"] == finding.id
        assert result["level"] == finding.severity
        assert result["message"]["text"].startswith(sentence(finding))
        assert [_place(location) for location in result["locations"]] == [finding.position]
        assert [_place(location) for location in result.get("relatedLocations", [])] == list(finding.also)
        assert result.get("properties", {}).get("environments", []) == list(finding.environments)


def _place(location: dict[str, Any]) -> Position:
    place = location["physicalLocation"]
    region = place["region"]
    return Position(unquote(place["artifactLocation"]["uri"]), region["startLine"], region["startColumn"])


def test_sarif_describes_each_rule_as_github_wants_it() -> None:
    (run,) = json.loads(FORMATS["sarif"](FINDINGS, SOURCES))["runs"]
    rules = {described["id"]: described for described in run["tool"]["driver"]["rules"]}
    assert sorted(rules) == ["F04", "F05", "H01", "K01", "K03", "S01"]
    assert rules["S01"]["shortDescription"] == {"text": "An autoscaler needs room."}
    assert rules["S01"]["fullDescription"] == {
        "text": "An autoscaler needs room. `hpa` with a fixed number of replicas does nothing."
    }
    assert "Passes:\n\n    replicas: 2~10" in rules["S01"]["help"]["text"]
    assert re.fullmatch(r"\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?", run["tool"]["driver"]["semanticVersion"])


def test_sarif_holds_no_more_results_than_github_takes() -> None:
    findings = [replace(FINDINGS[0], severity=Severity.WARNING)] * 25_001 + FINDINGS[:1]
    (run,) = json.loads(FORMATS["sarif"](findings, {}))["runs"]
    assert (len(run["results"]), run["results"][0]["level"]) == (25_000, "error")
    (invocation,) = run["invocations"]
    (notification,) = invocation["toolExecutionNotifications"]
    assert notification["message"]["text"] == "2 more findings are left out: a log has at most 25000"


@given(PROBLEMS)
def test_junit_is_well_formed_and_holds_every_finding(findings: list[Finding]) -> None:
    root = ElementTree.fromstring(FORMATS["junit"](findings, {}).encode("utf-8"))
    tests = [test for suite in root for test in suite]
    assert len({(test.get("classname"), test.get("name")) for test in tests}) == len(tests) == max(1, len(findings))
    assert root.get("tests") == str(len(tests))
    failures = [failure for test in tests for failure in test.iter("failure")]
    errors = [finding for finding in findings if finding.severity is Severity.ERROR]
    assert root.get("failures") == str(len(failures)) == str(len(errors))
    read = sorted((failure.get("type", ""), failure.get("message", ""), failure.text or "") for failure in failures)
    assert read == sorted((finding.id, _xml(sentence(finding)), _xml(block(finding, {}))) for finding in errors)


def _xml(text: str) -> str:
    """Return the text as XML can hold it: each character that XML does not allow is written as its number."""
    return "".join(
        c if LEGAL.fullmatch(c) else (f"\\x{ord(c):02x}" if ord(c) < 256 else f"\\u{ord(c):04x}") for c in text
    )


def test_no_id_is_reported_without_a_rule() -> None:
    texts = (path.read_text(encoding="utf-8") for path in (ROOT / "generator").rglob("*.py"))
    ids = {
        node.value
        for text in texts
        if re.search(r"""["'][A-Z][0-9]{2}["']""", text)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and re.fullmatch(r"[A-Z][0-9]{2}", node.value)
    }
    assert {"F10", "H01", "H16", "K01", "N02", "Y08"} <= ids
    for id in sorted(ids):
        assert rule(id).summary.endswith("."), id


def test_only_the_chosen_format_is_imported() -> None:
    code = (
        "import sys; from generator.report import FORMATS; FORMATS['github']([], {})\n"
        "print(sorted(name for name in sys.modules if name.startswith('generator.report.')))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "['generator.report.github', 'generator.report.manual_pages', 'generator.report.wording']\n"

"""Findings in color: on a terminal only, and without a change of the text."""

from __future__ import annotations

import io
import os
import re
import subprocess
from typing import TYPE_CHECKING

import click
import pytest

from generator.cli.colors import color_findings, has_links
from generator.core.finding import Severity
from tests.conftest import ROOT
from tests.support.on_path import install
from tests.support.prepared import minimal

if TYPE_CHECKING:
    from pathlib import Path

REPORT = (ROOT / "tests" / "cases" / "report" / "findings.text").read_text(encoding="utf-8")


def test_the_text_stays_the_same() -> None:
    colored = color_findings(REPORT)
    assert click.unstyle(colored) == REPORT
    for color in ("\x1b[31m", "\x1b[33m", "\x1b[32m", "\x1b[36m"):  # error, warning, caret, hint
        assert color in colored


@pytest.mark.parametrize("severity", [one for one in Severity if one is not Severity.WAIVED])
def test_each_severity_has_a_color(severity: Severity) -> None:
    assert f"m{severity}:\x1b[0m" in color_findings(f"services/p/a/m-1.yaml:1:1: {severity}: found x [G15]\n")


def test_an_id_is_a_link_to_its_page_and_the_text_stays_the_same() -> None:
    linked = color_findings(REPORT, "https://docs.example.com/servegen/")
    assert "\x1b]8;;https://docs.example.com/servegen/docs/reference/checks.html#k01\x1b\\" in linked
    plain = re.sub("\x1b\\]8;;[^\x1b]*\x1b\\\\", "", linked)
    assert plain == color_findings(REPORT)
    assert linked.count("\x1b]8;;\x1b\\") == len(re.findall(r" \[[A-Z]\d\d\]$", REPORT, re.MULTILINE))


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"TERM": "xterm", "VTE_VERSION": "6800"}, True),
        ({"TERM": "xterm", "TERM_PROGRAM": "vscode"}, True),
        ({"TERM": "xterm-kitty"}, True),
        ({"TERM": "xterm", "VTE_VERSION": "4205"}, False),
        ({"TERM": "xterm", "VTE_VERSION": "x"}, False),
        ({"TERM": "xterm"}, False),
        ({"TERM": "tmux-256color", "VTE_VERSION": "6800"}, False),
        ({"TERM": "xterm", "VTE_VERSION": "6800", "NO_COLOR": "1"}, False),
    ],
)
def test_terminals_that_show_links(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], expected: bool) -> None:
    for name in ("TERM", "TERM_PROGRAM", "VTE_VERSION", "NO_COLOR", "DOMTERM", "WT_SESSION", "KITTY_WINDOW_ID"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    assert has_links(Terminal()) is expected
    assert not has_links(io.StringIO())


@pytest.mark.parametrize(
    ("variables", "expected"),
    [({"TERM": "xterm"}, True), ({"TERM": "xterm", "NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)],
)
def test_a_terminal(tmp_path: Path, variables: dict[str, str], expected: bool) -> None:
    pty = pytest.importorskip("pty")
    minimal(tmp_path)
    (tmp_path / "services" / "platform.yaml").write_text("clusterz: {}\n", encoding="utf-8")
    ours, theirs = pty.openpty()
    environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"} | variables
    done = subprocess.run([str(install(tmp_path)), "render"], cwd=tmp_path, env=environment, stderr=theirs, check=False)
    os.close(theirs)
    shown = os.read(ours, 100_000).decode()
    os.close(ours)
    assert done.returncode == 1
    assert ("\x1b[31m" in shown) is expected
    assert 'did you mean "clusters"?' in shown

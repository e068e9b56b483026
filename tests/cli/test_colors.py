"""Findings in color: on a terminal only, and without a change of the text."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import click
import pytest

from generator.cli.colors import color_findings
from generator.core.finding import Severity
from tests.conftest import ROOT
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
    done = subprocess.run(
        [sys.executable, "-m", "generator", "render"], cwd=tmp_path, env=environment, stderr=theirs, check=False
    )
    os.close(theirs)
    shown = os.read(ours, 100_000).decode()
    os.close(ours)
    assert done.returncode == 1
    assert ("\x1b[31m" in shown) is expected
    assert 'did you mean "clusters"?' in shown

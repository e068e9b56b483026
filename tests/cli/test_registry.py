"""The registry from a shell: each file of cases/registry (commandcases), and what pipelines push to a real remote."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from tests.conftest import ROOT
from tests.support import commandcases

if TYPE_CHECKING:
    from pathlib import Path

CASES: Final = sorted((ROOT / "tests" / "cases" / "registry").glob("*.yaml"))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_what_it_says_and_changes(
    path: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    commandcases.check(path, tmp_path, capsys, monkeypatch, rewrite=request.config.getoption("--rewrite"))

"""Each file of cases/lifecycle (commandcases): a service is deployed, takes its host over, and is undeployed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

import pytest

from generator.edit.release import stamp
from tests.conftest import ROOT
from tests.support import commandcases
from tests.support.clones import PLATFORM, write
from tests.support.command import servegen

if TYPE_CHECKING:
    from pathlib import Path

CASES: Final = sorted((ROOT / "tests" / "cases" / "lifecycle").glob("*.yaml"))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_output_and_changed_files(
    path: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    rewrite: bool,
) -> None:
    commandcases.check(path, tmp_path, capsys, monkeypatch, rewrite=rewrite, given=commandcases.REGISTRY)


@pytest.mark.parametrize("command", ["deploy m-1 test", "rollback m.example.com test"])
def test_a_rival_of_a_clock_ahead_is_beaten_by_a_second(tmp_path: Path, command: str) -> None:
    ahead = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=3)
    spec = (
        "model: m\nversion: v{}\ntype: triton-server\ncommand: run\nhost: m.example.com\n"
        "environments: {{test: {{released: {}}}}}\n"
    )
    old, new = spec.format(1, "2025-11-01T10:00:00Z"), spec.format(2, stamp(ahead))
    write(tmp_path, {"services/platform.yaml": PLATFORM, "services/p/a/m-1.yaml": old, "services/p/a/m-2.yaml": new})
    done = servegen(tmp_path, *command.split())
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[1] == "test: m-1 takes over the host test.m.example.com from m-2"
    written = (tmp_path / "services/p/a/m-1.yaml").read_text(encoding="utf-8")
    assert written == spec.format(1, stamp(ahead + timedelta(seconds=1)))

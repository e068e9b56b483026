"""The builder of the rig's programs: a build that fails or takes too long ends the run with a message that names it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

import pytest

from tests.e2e.build import build_programs

if TYPE_CHECKING:
    from pathlib import Path

# A compiler without a network: `go mod download` and `go mod edit` answer, `go build` runs a command of the test.
_GO: Final = """\
#!/bin/sh
case "$1 $2" in
    "mod download") echo '{"GoMod": "none", "Dir": "none"}' ;;
    "mod edit") echo '{"Go": "1.26"}' ;;
    *) %s ;;
esac
"""


@pytest.fixture
def compiler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the path of a fake `go` that is the first on PATH.

    The programs that it builds are stored in an empty cache.
    """
    go = tmp_path / "bin" / "go"
    go.parent.mkdir()
    monkeypatch.setenv("PATH", f"{go.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("SERVEGEN_E2E_CACHE", str(tmp_path / "cache"))
    return go


def _write(go: Path, build: str) -> None:
    go.write_text(_GO % build, encoding="utf-8")
    go.chmod(0o755)


def test_programs_are_built_once_and_listed(compiler: Path, tmp_path: Path) -> None:
    _write(compiler, 'while [ "$1" != -o ]; do shift; done; mkdir -p "${2%/*}"; echo program > "$2"')
    said: list[str] = []
    programs = build_programs(("istio",), said.append)
    assert {name: path.read_text("utf-8") for name, path in programs.items()} == {
        "pilot-discovery": "program\n",
        "istioctl": "program\n",
    }
    assert said[0].endswith(": pilot-discovery, istioctl")
    assert said[1:3] == [
        "  compiling pilot-discovery; the first time takes minutes, at most 40",
        "  compiling istioctl; the first time takes minutes, at most 40",
    ]
    assert build_programs(("istio",), said.append) == programs
    assert len(said) == 4
    assert [path.name for path in (tmp_path / "cache").iterdir() if path.name.endswith(".building")] == []


def test_a_failed_build_ends_the_run_with_the_output_of_go(compiler: Path) -> None:
    _write(compiler, "echo no space left >&2; exit 1")
    with pytest.raises(SystemExit, match=r"^go build .*/pilot/cmd/pilot-discovery failed:\nno space left"):
        build_programs(("istio",), print)


def test_a_build_that_takes_too_long_ends_the_run_and_can_be_resumed(compiler: Path) -> None:
    _write(compiler, "exec sleep 60")
    with pytest.raises(SystemExit, match=r"pilot-discovery took longer than 1 s; run it again: Go keeps what it has"):
        build_programs(("istio",), print, limit=1)

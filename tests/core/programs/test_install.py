"""Programs are found, run and installed, and every failure has a message."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from generator.core import programs as tools
from generator.core.errors import ToolError, UsageError
from tests.conftest import ROOT

# A stand-in for `go install <package>@<version>` that writes a program and finishes at once.
GO = (
    'name="${2%%@*}"; name="${name%/v5}"; name="${name##*/}"; printf \'#!/bin/sh\\n\' > "$GOBIN/$name"; '
    'PATH=/usr/bin:/bin chmod 755 "$GOBIN/$name"'
)


def program(path: Path, text: str = "exit 0") -> Path:
    """Write an executable shell script and return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def install(path: str | Path, into: Path) -> subprocess.CompletedProcess[str]:
    """Run the installer in a folder without tools; PATH holds only the programs in `path`."""
    folder = into.parent / "clone"
    folder.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "generator.core.programs", "install", "--into", str(into)]
    environment = {**os.environ, "PATH": str(path), "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("path", [".", "", "bin", "{clone}/bin"])
def test_the_installer_runs_no_program_of_the_repository(path: str, tmp_path: Path) -> None:
    for folder in ("", "bin"):
        program(tmp_path / "clone" / folder / "go", f"/usr/bin/touch '{tmp_path}/ran'")
    done = install(path.format(clone=tmp_path / "clone"), tmp_path / "into")
    assert (done.returncode, done.stdout.count("Go is not installed")) == (0, 2)
    assert not (tmp_path / "ran").exists()


def test_a_program_on_path_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    built = program(tmp_path / "tools" / "judge")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert tools.find("judge") is None
    monkeypatch.setenv("SERVEGEN_TOOLS", str(tmp_path / "tools"))
    assert tools.find("judge") == built
    on_path = program(tmp_path / "bin" / "judge")
    assert tools.find("judge") == on_path


def test_the_folder_of_tools_is_in_the_users_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SERVEGEN_TOOLS")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    built = program(tmp_path / "servegen" / "tools" / "judge")
    assert tools.find("judge") == built
    monkeypatch.setenv("SERVEGEN_TOOLS", ".tools/bin")
    with pytest.raises(UsageError, match="expected an absolute path"):
        tools.find("judge")


def test_output_is_text_whatever_the_bytes(tmp_path: Path) -> None:
    echo = program(tmp_path / "echo", "printf '%s\\377' \"$1-$WORD\"")
    assert tools.run([str(echo), "名"], timeout=9, environment={"WORD": "字"}).stdout == "名-字\ufffd"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("echo out; echo err >&2; exit 3", "failed with code 3:\nerr"),
        ("echo out; exit 3", "failed with code 3:\nout"),
        ("exec sleep 60", "took longer than 1 s"),
    ],
)
def test_a_failure_shows_the_command_and_its_output(tmp_path: Path, text: str, message: str) -> None:
    broken = program(tmp_path / "broken", text)
    with pytest.raises(ToolError) as caught:
        tools.run([str(broken), "now"], timeout=1)
    assert str(caught.value) == f"{broken} now {message}"


def test_a_code_that_is_accepted_is_no_failure(tmp_path: Path) -> None:
    assert tools.run([str(program(tmp_path / "one", "exit 1"))], timeout=9, accepted=(0, 1)).returncode == 1


def test_a_file_that_is_no_program(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="cannot be started: No such file"):
        tools.run([str(tmp_path / "none")], timeout=9)
    (tmp_path / "text").write_text("hello", encoding="utf-8")
    with pytest.raises(ToolError, match="cannot be started: Permission denied"):
        tools.run([str(tmp_path / "text")], timeout=9)


def test_the_installer_reports_that_go_is_missing(tmp_path: Path) -> None:
    present = program(tmp_path / "bin" / "kustomize")
    done = install(tmp_path / "bin", tmp_path / "into")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "kubeconform: missing, and Go is not installed to build it: only the embedded engine checks objects",
        f"kustomize: found {present}",
    ]


def test_the_installer_reports_that_go_failed_and_succeeds(tmp_path: Path) -> None:
    program(tmp_path / "bin" / "go", "echo no network >&2; exit 1")
    done = install(tmp_path / "bin", tmp_path / "into")
    assert (done.returncode, done.stderr) == (0, "")
    first = "kubeconform: missing, and Go could not build it: only the embedded engine checks objects"
    assert done.stdout.splitlines()[0] == first
    assert done.stdout.count("failed with code 1:\nno network") == 2


def test_the_installer_builds_nothing_into_a_cache_in_the_repository(tmp_path: Path) -> None:
    """No command would run it there: a change can add programs to that folder."""
    command = [sys.executable, "-m", "generator.core.programs", "install"]
    environment = {"PATH": str(program(tmp_path / "bin" / "go", GO).parent), "PYTHONPATH": str(ROOT)}
    environment |= {"XDG_CACHE_HOME": str(tmp_path / "clone" / ".cache")}
    (tmp_path / "clone" / ".git").mkdir(parents=True)
    done = subprocess.run(command, cwd=tmp_path / "clone", env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.endswith("so nothing runs from it: set SERVEGEN_TOOLS to a folder outside\n")
    assert not (tmp_path / "clone" / ".cache").exists()


def test_go_builds_into_the_folder_and_only_once(tmp_path: Path) -> None:
    into = tmp_path / "into"
    program(tmp_path / "bin" / "go", GO)
    assert install(tmp_path / "bin", into).stdout.splitlines() == [
        "kubeconform: built github.com/yannh/kubeconform/cmd/kubeconform@v0.7.0",
        "kustomize: built sigs.k8s.io/kustomize/kustomize/v5@v5.8.1",
    ]
    again = [f"kubeconform: found {into / 'kubeconform'}", f"kustomize: found {into / 'kustomize'}"]
    assert install(tmp_path / "bin", into).stdout.splitlines() == again

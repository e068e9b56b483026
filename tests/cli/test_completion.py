"""Completion in shells: what is proposed for a word, and the script for bash in a real bash."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.shell_completion import BashComplete

from generator.cli.main import cli, run
from tests.conftest import ROOT


def _proposed(folder: Path, words: str, word: str) -> list[str]:
    """Return what is proposed for `word` after `servegen -C <folder> <words>`."""
    complete = BashComplete(cli, {}, "servegen", "_SERVEGEN_COMPLETE")
    return [item.value for item in complete.get_completions(["-C", str(folder), *words.split()], word)]


@pytest.mark.parametrize(
    ("words", "word", "expected"),
    [
        ("", "rol", ["rollback"]),
        ("", "--ver", ["--version"]),
        ("import", "cube", ["cube-studio"]),
        ("deploy", "--m", ["--manual"]),
        ("deploy", "resnet50-2022080", ["resnet50-202208013", "resnet50-202208014"]),
        ("deploy", "vision/d", ["vision/detector/detector-2026102", "vision/detector/detector-2026111"]),
        ("deploy detector-2026111", "", ["debug", "prod", "test"]),
        ("hosts --environment", "pr", ["prod"]),
        ("path", "res", ["resnet50"]),
        ("path", "public/r", ["public/resnet50"]),
        ("path --project vision", "res", []),
        ("path resnet50", "v2022.08", ["v2022.08.01.3", "v2022.08.01.4"]),
        ("path vision/resnet50", "", []),
        ("new x v1 --type", "tri", ["triton-server"]),
        ("new x v1 --project", "vi", ["vision"]),
        ("retire", "vis", ["vision/detector"]),
        ("rollback", "det", ["detector.example.com"]),
        ("expose detector-2026111 --series", "no", ["notebook"]),
        ("completion", "z", ["zsh"]),
        ("explain", "prod/det", ["prod/detector-2026102", "prod/detector-2026111"]),
        ("explain prod/detector-2026111", "Virtual", ["VirtualService"]),
        ("explain prod/detector-2026111", "ConfigMap/s", ["ConfigMap/servegen-detector"]),
        ("explain prod/detector-2026111 Deployment", "spec.repl", ["spec.replicas"]),
        ("explain prod/nothing Deployment", "spec", []),
    ],
)
def test_proposals(words: str, word: str, expected: list[str]) -> None:
    assert _proposed(ROOT, words, word) == expected


def test_what_cannot_be_read_proposes_nothing(tmp_path: Path) -> None:
    assert _proposed(tmp_path, "deploy", "") == []
    (tmp_path / "services").mkdir()
    (tmp_path / "services" / "platform.yaml").write_text("environments: [\n")
    assert _proposed(tmp_path, "deploy x", "") == []
    assert _proposed(tmp_path, "rollback", "") == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["completion", shell]) == 0
    assert f"{shell}_complete" in capsys.readouterr().out


def test_bash(tmp_path: Path) -> None:
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("there is no bash")
    command = tmp_path / "servegen"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m generator "$@"\n')
    command.chmod(0o755)
    script = (
        "source <(servegen completion bash); COMP_WORDS=(servegen undeploy resnet50-2022080); COMP_CWORD=2; "
        '_servegen_completion servegen; echo "${COMPREPLY[@]}"'
    )
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    done = subprocess.run([bash, "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["resnet50-202208013", "resnet50-202208014"], done.stderr


@pytest.mark.parametrize(
    ("typed", "expected"), [("delpoy", " Did you mean 'deploy'?\n"), ("lits", " Did you mean 'list'?\n"), ("xyz", "\n")]
)
def test_a_mistyped_command(typed: str, expected: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([typed]) == 2
    assert capsys.readouterr().err.endswith(f"Error: No such command '{typed}'.{expected}")

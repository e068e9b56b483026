"""The environment of a started program: it names no other repository, and git prompts only on a terminal."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import pytest

from generator.core.programs import run
from generator.core.programs.environment import REDIRECTING, git_settings, program_environment
from generator.core.programs.git import Git
from tests.support.clones import git


class Terminal(io.StringIO):
    """A stream that is a terminal."""

    def isatty(self) -> bool:
        return True


def test_all_that_git_calls_local_is_left_out_but_settings(tmp_path: Path) -> None:
    local = set(git(tmp_path, "rev-parse", "--local-env-vars").split())
    assert local - REDIRECTING == {"GIT_CONFIG_PARAMETERS", "GIT_CONFIG_COUNT"}


def test_a_program_gets_our_environment_but_no_repository(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_DIR", "/elsewhere")
    monkeypatch.setenv("GIT_CONFIG_COUNT", "0")
    monkeypatch.setenv("WORD", "one")
    shown = run(["env"], timeout=None, environment={"OTHER": "two"}).stdout.splitlines()
    assert {"GIT_CONFIG_COUNT=0", "WORD=one", "OTHER=two"} <= set(shown)
    assert [line for line in shown if line.startswith("GIT_DIR=")] == []
    assert os.environ["GIT_DIR"] == "/elsewhere"
    assert program_environment({"GIT_DIR": "mine"})["GIT_DIR"] == "mine"


def test_git_ignores_the_environment_of_another_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("one", "other"):
        git(tmp_path, "init", "-q", name)
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "other" / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "other" / ".git" / "index"))
    here = Git(tmp_path / "one")
    assert here.run("rev-parse", "--absolute-git-dir").text == str(tmp_path / "one" / ".git")
    index = here.run("rev-parse", "--git-path", "index", environment={"GIT_INDEX_FILE": "given"}).text
    assert index == "given"


def test_settings_from_the_environment_reach_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "user.name")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "Robot")
    assert Git(tmp_path).run("config", "user.name").text == "Robot"


def test_messages_of_git_are_english(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert Git(tmp_path).ask("rev-parse", "--git-dir").message.startswith("fatal: not a git repository")
    assert git_settings()["LC_ALL"] == "C"


def test_git_asks_for_a_password_on_a_terminal_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    assert git_settings()["GIT_TERMINAL_PROMPT"] == "0"
    monkeypatch.setenv("GIT_TERMINAL_PROMPT", "1")
    assert "GIT_TERMINAL_PROMPT" not in git_settings()
    monkeypatch.delenv("GIT_TERMINAL_PROMPT")
    monkeypatch.setattr(sys, "stderr", Terminal())
    assert "GIT_TERMINAL_PROMPT" not in git_settings()


def test_a_program_reads_what_it_is_given() -> None:
    assert run(["cat"], timeout=None, stdin=b"\xff\x00").out == b"\xff\x00"
    assert run(["cat"], timeout=None).out == b""

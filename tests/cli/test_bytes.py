"""Bytes that are not UTF-8, and locales with another encoding: no traceback, and no other result.

Under UTF-8, all inputs are tried; other locales, in which each run is a new process, get those that differ.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.conftest import ROOT
from tests.support import program
from tests.support.clones import clone, committed, git, remote, service, write

LATIN: Final = os.fsdecode("größe".encode("latin-1"))
LOCALES: Final = {
    "UTF-8": {"LC_ALL": "C.UTF-8"},
    "C": {"LC_ALL": "C"},
    "ASCII": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
}
REGISTER: Final = ("register", "p/n", "v9", "--path", "s3://b/n", "--framework", "onnx", "--api", "triton-server")
TEXTS: Final = {
    "a message": ("--message", ["commit", "-m", LATIN]),
    "a description": ("--description", [*REGISTER, "--description", LATIN]),
    "one of several": ("--input", [*REGISTER, "--input", f"{LATIN}=FP32[1]"]),
    "a branch": ("--branch", ["commit", "--push", "--branch", LATIN]),
    "an environment": ("--environment", ["hydrate", "-e", LATIN]),
    "a name": ("SERVICE", ["deploy", LATIN, "prod"]),
    "a revision": ("REVISION", ["verify", LATIN]),
}
COMMANDS: Final = (
    *(
        ["render"],
        ["render", "--check"],
        ["validate", "--engine", "embedded", "--base", "HEAD"],
        ["list", "services"],
        ["list", "models"],
    ),
    *(["deploy", "m-1", "prod"], ["commit", "--push", "-m", "Größe"], ["verify", "--no-build"]),
    *([*REGISTER, "--description", "Größe", "--push"], ["hydrate"], ["hydrate", "--push"]),
)


def run(root: Path, locale: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Run servegen in a locale."""
    if locale == "UTF-8":
        done = program.run(["-C", str(root), *arguments])
        return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.encode(), done.stderr.encode())
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG", "PYTHONUTF8"))
    }
    environment |= {"PYTHONPATH": str(ROOT), **LOCALES[locale]}
    command = [sys.executable, "-m", "generator", *arguments]
    return subprocess.run(command, cwd=root, env=environment, capture_output=True, check=False, timeout=60)


@pytest.mark.parametrize(
    ("text", "locale"), [*((text, "UTF-8") for text in TEXTS), ("a message", "C"), ("a message", "ASCII")]
)
def test_a_text_that_is_not_utf8_is_a_usage_error(text: str, locale: str, tmp_path: Path) -> None:
    name, arguments = TEXTS[text]
    here = clone(remote(tmp_path), "here")
    before = git(here, "status", "--porcelain", "--branch")
    done = run(here, locale, *arguments)
    assert (done.returncode, done.stdout) == (2, b"")
    found = next(argument for argument in arguments if LATIN in argument).replace(LATIN, "gr\\udcf6\\udcdfe")
    assert done.stderr.decode() == (
        f"servegen: {name}: found {found}, which has bytes that are not UTF-8\n"
        "  hint: iconv -f ISO-8859-1 -t UTF-8 converts text from Latin-1\n"
    )
    assert git(here, "status", "--porcelain", "--branch") == before


@pytest.mark.parametrize("locale", ["UTF-8", "ASCII"])
def test_a_folder_above_the_repository_may_have_any_name(locale: str, tmp_path: Path) -> None:
    folder = f"größe/{LATIN}"
    remote(tmp_path)
    (tmp_path / folder).mkdir(parents=True)
    here = clone(tmp_path / "remote.git", f"{folder}/here")
    write(here, {"services/p/b/m-2.yaml": service("2", more="config: {a.txt: Größe}\n")})
    # Elsewhere, servegen starts again in UTF-8 mode before it looks at the command: those with such a text are enough.
    for command in COMMANDS if locale == "UTF-8" else (one for one in COMMANDS if "--push" in one and "Größe" in one):
        done = run(here, locale, *command)
        assert done.returncode == 0, (command, done.stderr)
    if locale == "UTF-8":
        assert b"Traceback" not in run(here, locale, "doctor").stderr
    assert git(here, "log", "-2", "--format=%s").splitlines() == ["register p/n v9", "Größe"]
    assert "Größe" in (here / "services/p/models/n.yaml").read_text("utf-8")
    assert (here / "rendered/p/b/base/m-2/config/a.txt").read_text("utf-8") == "Größe"
    assert git(tmp_path / "remote.git", "rev-parse", "main") == git(here, "rev-parse", "HEAD")


def test_a_repository_that_is_named_with_other_bytes(tmp_path: Path) -> None:
    locale = "ASCII"  # servegen starts again in the mode in which Python starts in the locale C
    done = run(tmp_path, locale, "init", LATIN, "--ci", "none")
    assert done.returncode == 0, done.stderr
    done = run(tmp_path, locale, "-C", LATIN, "render")
    assert done.returncode == 0, done.stderr
    done = run(tmp_path, locale, "-C", f"{LATIN}/absent", "render")
    assert (done.returncode, b"Traceback" in done.stderr) == (2, False)


@pytest.mark.parametrize("locale", ["UTF-8", "ASCII"])
def test_a_spec_with_such_a_name_is_one_finding(locale: str, tmp_path: Path) -> None:
    here = clone(remote(tmp_path), "here")
    for name in (LATIN, "größe"):
        (here / f"services/p/a/{name}.yaml").write_text(service("2"), "utf-8")
    # A commit also renders and validates.
    commands = (["render"], ["validate", "--engine", "embedded"]) if locale == "UTF-8" else ()
    for command in (*commands, ["commit"]):
        done = run(here, locale, *command)
        assert done.returncode == 1, done.stderr
        assert done.stderr.count(b"[N02]") == 2
    findings = json.loads(run(here, locale, "validate", "--engine", "embedded", "--output", "json").stdout)
    assert [finding["id"] for finding in findings] == ["N02", "N02"]


def test_a_second_run_of_such_a_command_names_it(tmp_path: Path) -> None:
    here = clone(remote(tmp_path), "here")
    committed(here)
    lock = here / ".servegen" / "lock"
    assert run(here, "C", "-C", ".", "commit", "-m", "x").returncode == 0
    assert b"servegen -C . commit -m x" in lock.read_bytes()

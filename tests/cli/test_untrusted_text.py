"""No output contains a character that a terminal obeys, whatever a repository contains."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from generator.report import FORMATS
from tests.conftest import ROOT
from tests.support.clones import clone, git, remote, service, write
from tests.support.command import servegen

OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
NAME = "x\x1b]0;owned\x07\u202e\n::error::owned"


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A repository with escape sequences and bidirectional characters in everything that messages quote."""
    root = clone(remote(tmp_path), "here")
    strange = "\\x1b[2J\\u202Eowned\\n::error::owned"
    mistakes = f'"key{strange}": 1\n"replicas": "{strange}"\nlabels: {{"{strange}": a}}\ntype: "{strange}"\n'
    write(
        root,
        {
            f"services/p/a/{NAME}.yaml": "a: 1\n",
            f"services/p/{NAME}/m-3.yaml": service("3"),
            "services/p/a/m-4.yaml": service("4", more=mistakes),
            "services/p/a/m-5.yaml": f'{service("5")}"replicas": "\u202e" # \u2066\n',
            "services/p/models/k.yaml": f'versions: {{"v1{strange}": {{path: "s3://m/{strange}"}}}}\n',
            f"templates/sidecars/{NAME}.yaml.j2": "{{ x\n",
        },
    )
    return root


@pytest.mark.parametrize("output", FORMATS)
def test_findings(here: Path, output: str) -> None:
    done = servegen(here, "validate", "--output", output)
    assert done.returncode == 1, done.stderr
    assert "owned" in done.stdout + done.stderr
    assert OBEYED.findall(done.stdout + done.stderr) == []
    assert not any(line.startswith("::error::owned") for line in (done.stdout + done.stderr).splitlines())
    if output == "json":
        assert any(found["file"] == f"services/p/a/{NAME}.yaml" for found in json.loads(done.stdout))


def test_other_reports(here: Path) -> None:
    (here / "services/p/a/m-4.yaml").unlink()
    (here / "services/p/a/m-5.yaml").unlink()
    commands = [
        ("list", "models"),
        ("list", "models", "--output", "json"),
        ("list", "services"),
        ("doctor",),
        ("path", "p/k", "v1\x1b[2J"),
        ("commit", "-m", "x\x1b[2J\u202e"),
        ("render", "--check"),
        (NAME,),
        ("verify", "v1\x1b[2J"),
        ("hydrate", "--branch", "\x1b{environment}"),
        ("import", "cube-studio", __file__),
    ]
    for command in commands:
        done = servegen(here, *command)
        assert OBEYED.findall(done.stdout + done.stderr) == [], command
        assert "Traceback" not in done.stderr


def test_rows_of_other_systems(here: Path) -> None:
    rows = here / "rows.json"
    rows.write_text(json.dumps([{"name": NAME, "service_type": "\x9b2J"}, {"name": "\u2066", "x": 1}]), "utf-8")
    done = servegen(here, "import", "cube-studio", str(rows))
    assert "owned" in done.stdout + done.stderr
    assert OBEYED.findall(done.stdout + done.stderr) == []
    assert not any(line.startswith("::error::owned") for line in (done.stdout + done.stderr).splitlines())


def test_the_messages_of_git(here: Path) -> None:
    git(here, "remote", "set-url", "origin", "/nowhere/\u202eowned")
    git(here, "clean", "-fdq")
    done = servegen(here, "commit", "--push")
    assert "/nowhere/\\u202eowned" in done.stderr
    assert OBEYED.findall(done.stdout + done.stderr) == []


def test_commit_messages(here: Path) -> None:
    git(here, "clean", "-fdq")
    strange = "v1\\x1b[2J\\u202E\\nSigned-off-by: A"
    write(here, {"services/p/models/k.yaml": f'versions: {{"{strange}": {{path: "s3://m/k"}}}}\n'})
    assert servegen(here, "commit").returncode == 0
    message = git(here, "log", "-1", "--format=%B")
    assert message.startswith("register k v1\\u001b[2J\\u202e\\nSigned-off-by: A\n")
    assert not any(line.startswith("Signed-off-by") for line in message.splitlines())


def test_one_module_prints() -> None:
    printing = [
        path.name for path in (ROOT / "generator").rglob("*.py") if re.search(r"click\.s?echo", path.read_text("utf-8"))
    ]
    assert printing == ["terminal.py"]

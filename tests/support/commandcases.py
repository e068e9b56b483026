"""Command cases: a repository, the command that is run in it, and its output and changes.

A case is a file of two YAML documents. The first is written by hand: `command`, `before` (files by path; PLATFORM is
the platform file of cases that have none), and `commits` (files of earlier commits) if Git matters. A test can give
other files to all of its cases, such as REGISTRY. `--rewrite` writes the second: exit code, both outputs, and each
changed file in full (null: deleted). In it, <now> is the time of the run, <today> its day, and <repository> the folder.
"""

from __future__ import annotations

import io
import re
import shlex
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import yaml

from generator.cli.main import run
from generator.edit.release import stamp
from tests.support.clones import git, identity

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pytest

PLATFORM: Final = """\
servegen: ~=1.0
clusters:
  main: {domain: example.com, gateways: managed}
environments:
  test: {cluster: main, stage: test}
  prod: {cluster: main, stage: prod}
"""
REGISTRY: Final = {
    f"services/p/models/{model}.yaml": f"""\
versions:
  v1: {{path: "pvc://store/{model}/1/"}}
  v2: {{path: "pvc://store/{model}/2/"}}
  v3: {{path: "pvc://store/{model}/3/"}}
"""
    for model in ("m", "n")
}
_STAMP: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def check(
    path: Path,
    root: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    *,
    rewrite: bool,
    given: Mapping[str, str] | None = None,
) -> None:
    """Run the case's command in the empty folder `root`, and compare its output and changes, or first rewrite them.

    `given` are files of every commit of the case, unless it has them itself.
    """
    written, _, expected = path.read_bytes().decode().partition("---\n")
    case = yaml.safe_load(written)
    _made(root, case, {"services/platform.yaml": PLATFORM, **(given or {})})
    monkeypatch.setattr("sys.stdin", io.StringIO())
    for name in ("KFJ_PIPELINE_ID", "KFJ_RUN_ID"):
        monkeypatch.delenv(name, raising=False)
    found = _ran(root, shlex.split(case["command"]), capsys)
    if rewrite:
        expected = yaml.dump(found, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=1000)
        path.write_bytes(f"{written}---\n{expected}".encode())
    assert found == yaml.safe_load(expected)


class _Dumper(yaml.SafeDumper):
    """A dumper that writes strings of several lines as block scalars."""


_Dumper.add_representer(
    str,
    lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None),
)


def _made(root: Path, case: dict[str, Any], given: Mapping[str, str]) -> None:
    files = {**given, **case.get("before", {})}
    commits = case.get("commits", [])
    if commits:
        git(root, "init", "-q", "-b", "main")
        identity(root)
    for commit in commits:
        _write(root, {**given, **commit})
        git(root, "add", "--all")
        git(root, "commit", "-qm", "earlier")
    _write(root, files if not commits else case.get("before", {}))


def _write(root: Path, files: dict[str, str | None]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        if text is None:
            (root / name).unlink()
        else:
            (root / name).write_bytes(text.encode())


def _ran(root: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    before, start = _state(root), datetime.now(UTC).replace(microsecond=0)
    code = run(["-C", str(root), *arguments])
    said, after = capsys.readouterr(), _state(root)
    return {
        "exit": code,
        "stdout": _timeless(said.out, start).replace(str(root), "<repository>"),
        "stderr": _timeless(said.err, start).replace(str(root), "<repository>"),
        "after": {
            name: _timeless(after[name], start) if name in after else None
            for name in sorted(before.keys() | after.keys())
            if before.get(name) != after.get(name)
        },
    }


def _state(root: Path) -> dict[str, str]:
    """The content of all files outside .git and .servegen, by path."""
    paths = (path for path in root.rglob("*") if path.is_file())
    return {
        str(path.relative_to(root)): path.read_bytes().decode()
        for path in paths
        if not {".git", ".servegen"} & set(path.relative_to(root).parts)
    }


def _timeless(text: str, start: datetime) -> str:
    """Replace times since `start` by <now>, and their days by <today>, also in the names of versions."""
    seconds = int((datetime.now(UTC) - start).total_seconds()) + 1
    moments = {stamp(start + timedelta(seconds=n)) for n in range(seconds + 1)}
    text = _STAMP.sub(lambda match: "<now>" if match[0] in moments else match[0], text)
    for day in {moment[:10] for moment in moments}:
        text = text.replace(day, "<today>").replace(day.replace("-", "."), "<today>")
    return text

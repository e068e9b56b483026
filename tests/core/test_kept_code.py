from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib.util import cache_from_source
from pathlib import Path
from types import CodeType
from typing import Final

import jinja2
import pytest

from generator.core.kept_code import KeptCode, kept_code
from tests.conftest import ROOT

TEXT: Final = "6 * 7"
# Prints the templates that a process compiles while it lists the example fleet, and keeps code in a folder.
COMPILED: Final = """
import sys
import generator.cli.list_command, generator.pipeline.plan, generator.repo.repository  # compiled, as they are installed
from generator.cli.main import run
from generator.render.engine import compiler
real = compiler.compile_source
compiler.compile_source = lambda source, file, language: print(file) or real(source, file, language)
sys.pycache_prefix = sys.argv[1]
raise SystemExit(run(["list", "services"]))
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "__pycache__").mkdir()
    return tmp_path


def _value(kept: KeptCode, text: str = TEXT, name: str = "servers/a.j2") -> tuple[int, bool]:
    """The value of a text, and whether it was compiled now."""
    compiled: list[str] = []

    def compiled_now() -> CodeType:
        compiled.append(text)
        return compile(text, name, "eval")

    code = kept.find(name, text, compiled_now)
    assert code is not None
    return eval(code), bool(compiled)


def _file(folder: Path) -> Path:
    return Path(cache_from_source(str(folder / "servers.a.j2.py")))


def test_code_is_compiled_once(folder: Path) -> None:
    assert _value(KeptCode(folder, b"1")) == (42, True)
    assert _value(KeptCode(folder, b"1")) == (42, False)
    assert [path.name for path in _file(folder).parent.iterdir()] == [_file(folder).name]
    assert _file(folder).stat().st_mode & 0o022 == 0


def test_another_text_compiler_or_name_is_compiled(folder: Path) -> None:
    _value(KeptCode(folder, b"1"))
    assert _value(KeptCode(folder, b"1"), "6 * 8") == (48, True)
    assert _value(KeptCode(folder, b"2"), "6 * 8") == (48, True)
    assert _value(KeptCode(folder, b"2"), "6 * 8", "servers.a.j2") == (48, True)
    assert _value(KeptCode(folder, b"2"), "6 * 8", "servers.a.j2") == (48, False)


@pytest.mark.parametrize(("end", "more"), [(-1, b""), (-1, b"\xff"), (0, b"")])
def test_a_damaged_file_is_none(folder: Path, end: int, more: bytes) -> None:
    _value(KeptCode(folder, b"1"))
    _file(folder).write_bytes(_file(folder).read_bytes()[:end] + more)
    assert _value(KeptCode(folder, b"1")) == (42, True)
    assert _value(KeptCode(folder, b"1")) == (42, False)


def test_nothing_is_kept_where_python_keeps_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert _value(KeptCode(folder, b"1")) == (42, True)
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    (folder / "__pycache__").rmdir()
    (folder / "__pycache__").touch()  # root may write into a folder without permissions
    assert _value(KeptCode(folder, b"1")) == (42, True)
    assert (folder / "__pycache__").read_bytes() == b""


def test_an_error_is_not_kept(folder: Path) -> None:
    assert KeptCode(folder, b"1").find("servers/a.j2", TEXT, lambda: None) is None
    assert not list(_file(folder).parent.iterdir())


def test_a_compiler_that_has_changed_has_other_code_or_none(tmp_path: Path) -> None:
    engine, jinja = ROOT / "generator" / "render" / "engine", Path(jinja2.__file__).parent
    found = kept_code(engine, [jinja])
    assert found is not None
    assert found == kept_code(engine, [jinja])
    other = kept_code(engine, [jinja, jinja.parent / "click"])
    assert other is not None
    assert other.compiler != found.compiler
    changed = shutil.copytree(engine, tmp_path / "engine", ignore=shutil.ignore_patterns("__pycache__"))
    assert kept_code(changed, [jinja]) is None  # written after this process began
    assert kept_code(tmp_path / "missing", [jinja]) is None


def test_the_second_process_compiles_no_shipped_template(tmp_path: Path) -> None:
    """Only the template that differs from the shipped one, also where the others are files of the repository."""
    shutil.copytree(ROOT / "services", tmp_path / "services")
    shutil.copytree(ROOT / "templates", tmp_path / "templates")
    own = tmp_path / "templates" / "nodes" / "gfd.yaml.j2"
    own.write_bytes(own.read_bytes() + b"# our own\n")
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", COMPILED, str(tmp_path / "kept")]
    runs = [
        subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True).stdout
        for _ in range(2)
    ]
    first, second = ({line for line in run.split("\n") if line.startswith("templates/")} for run in runs)
    assert len(first) > 5
    assert second == {"templates/nodes/gfd.yaml.j2"}

"""Imports have one direction: a module imports only from its own room or a lower one, type-only imports included."""

from __future__ import annotations

import ast
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Final

from tests.conftest import ROOT
from tests.structure import statements

# The rooms (folders) of the package from low to high; those in braces do not import each other.
RULE: Final = (
    "core < spec < fleet < {render, edit} < {importers, schemas} < checks < pipeline < {repo, review} < report < cli"
)
LEVELS: Final = {room: level for level, rooms in enumerate(RULE.split(" < ")) for room in rooms.strip("{}").split(", ")}
# Modules that reach outside the process, which only the packages in SHELL may import.
SHELL_ONLY: Final = {"os", "subprocess", "shutil", "click", "git", "tempfile", "rich", "multiprocessing", "mlflow"}
SHELL: Final = (
    "generator.core.programs",
    "generator.importers.mlflow_store",
    "generator.schemas",
    "generator.pipeline.workers",
    "generator.repo",
    "generator.cli",
)


def _modules() -> dict[str, Path]:
    files = (ROOT / "generator").rglob("*.py")
    return {".".join(f.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): f for f in files}


@cache
def _imports(path: Path) -> frozenset[str]:
    found: set[str] = set()
    for node in statements(path):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return frozenset(found)


def _room(module: str) -> str | None:
    """The room of a module; None for a module in the package's root."""
    return module.split(".")[1] if module.count(".") and module != "generator.__main__" else None


def _against_the_rule(module: str, imported: str) -> bool:
    room, other = _room(module), _room(imported)
    return room is not None and other not in (None, room) and LEVELS[str(other)] >= LEVELS[room]


def test_imports_go_one_way() -> None:
    modules = _modules()
    wrong = [
        f"{module} imports {imported}"
        for module, path in modules.items()
        for imported in _imports(path) & modules.keys()
        if _against_the_rule(module, imported)
    ]
    assert wrong == []


def test_every_module_has_a_room() -> None:
    rooms = {_room(module) for module in _modules()} - {None}
    assert rooms == LEVELS.keys()
    assert {module for module in _modules() if _room(module) is None} == {"generator", "generator.__main__"}


def test_the_core_does_not_touch_the_outside_world() -> None:
    wrong = [
        f"{module} imports {imported}"
        for module, path in _modules().items()
        for imported in _imports(path) & SHELL_ONLY
        if not module.startswith(SHELL)
    ]
    assert wrong == []


def test_one_module_starts_programs() -> None:
    starting = {module for module, path in _modules().items() if "subprocess" in _imports(path)}
    assert starting == {"generator.core.programs.process"}


def test_only_one_package_speaks_yaml() -> None:
    allowed = (
        "generator.core.yaml",
        "generator.render.engine.shapes",
        "generator.schemas.bundled.refresh",
    )
    wrong = [
        module
        for module, path in _modules().items()
        if any(name.split(".")[0] in ("yaml", "ruamel") for name in _imports(path)) and not module.startswith(allowed)
    ]
    assert wrong == []


def test_one_module_imports_the_second_reader_s_library() -> None:
    importing = {m for m, path in _modules().items() if any(name.startswith("ruamel") for name in _imports(path))}
    assert importing == {"generator.core.yaml.second_reader"}


def test_the_second_reader_is_imported_with_the_first_edit() -> None:
    edit = 'put(b"a: 1", "f.yaml", ("a",), "2")'
    start = "import sys, generator.edit.merge, generator.edit.release, generator.cli.main"
    code = f"{start}\nfrom generator.edit.yaml_edit import put\nprint('ruamel' in sys.modules)\n{edit}"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nprint('ruamel' in sys.modules)"], capture_output=True, text=True
    )
    assert done.stdout.split() == ["False", "True"], done.stderr

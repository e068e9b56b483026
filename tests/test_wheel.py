"""The wheel works on its own: it contains templates and schemas, and needs nothing from the source tree.

The same sources give the same wheel, wherever they are and whoever checked them out.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path


def _run(command: list[str], folder: Path, **variables: str) -> str:
    environment = {**os.environ, **variables}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _wheel(source: Path, into: Path) -> Path:
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(into), str(source)]
    _run(build, source, SOURCE_DATE_EPOCH="1795000000")
    return next(into.glob("servegen-*.whl"))


def _copied(folder: Path) -> Path:
    """The sources as another user has them: in another folder, with other times and modes."""
    for name in ("generator", "templates"):
        shutil.copytree(ROOT / name, folder / name, copy_function=shutil.copy)
    for name in (".gitignore", "pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md"):
        shutil.copyfile(ROOT / name, folder / name)
    for path in folder.rglob("*"):
        path.chmod(path.stat().st_mode & 0o700)
    return folder


def test_an_installed_wheel_renders(tmp_path: Path) -> None:
    wheel = _wheel(ROOT, tmp_path)
    assert _wheel(_copied(tmp_path / "copy"), tmp_path / "again").read_bytes() == wheel.read_bytes()
    installed = tmp_path / "installed"
    with zipfile.ZipFile(wheel) as content:
        names = content.namelist()
        content.extractall(installed)
    assert "generator/_shipped/templates/service/base/20-deployment.yaml.j2" in names
    assert "generator/py.typed" in names
    assert "generator/schemas/bundled/kubernetes-1.36.tar.xz" in names
    assert "generator/core/secrets/rules.json" in names
    assert any(name.endswith(".dist-info/licenses/generator/core/secrets/NOTICE") for name in names)
    assert not [name for name in names if name.startswith(("tests/", "services/", "rendered/"))]
    repository = tmp_path / "repository"
    repository.mkdir()
    servegen = [sys.executable, "-m", "generator"]
    where = _run(
        [sys.executable, "-c", "import generator; print(generator.__file__)"], repository, PYTHONPATH=str(installed)
    )
    assert where.strip().startswith(str(installed))
    _run([*servegen, "init", "--minimal"], repository, PYTHONPATH=str(installed))
    new = ["new", "m", "v1", "--project", "p", "--type", "serving", "--image", "registry.example.com/m:1"]
    new += ["--environment", "prod"]
    _run([*servegen, *new], repository, PYTHONPATH=str(installed))
    assert "10 objects" in _run([*servegen, "render"], repository, PYTHONPATH=str(installed))

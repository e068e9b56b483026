"""The images that installations stand for: each program at the path where the image has it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from tests.servers.images import PATH, PYTHON, Image
from tests.servers.layout import VERSION, shared_torch, site_packages

_TRITON: Final = "/opt/tritonserver"
_INITIALIZER: Final = "/storage-initializer/scripts/initializer-entrypoint"


def images_of(installed: Mapping[str, Path]) -> dict[str, Image]:
    """Return the images by repository."""
    return {name: make(installed[key]) for key, (name, make) in _IMAGES.items() if key in installed}


def _triton(folder: Path) -> Image:
    packages = site_packages(folder)
    return Image(
        # The backend's interpreter ignores PYTHONPATH: the packages have to be where it looks.
        trees={_TRITON: folder / "tritonserver", f"/usr/local/lib/python{VERSION}/dist-packages": packages},
        kept=(folder, PYTHON),
        environment={"PATH": f"{_TRITON}/bin:{PATH}", "LD_LIBRARY_PATH": str(packages / "nvidia_pytriton.libs")},
        folder=_TRITON,
    )


def _storage(folder: Path) -> Image:
    entry = {_INITIALIZER: folder / "initializer-entrypoint"}
    return Image(links=entry, kept=(folder, PYTHON), entrypoint=(_INITIALIZER,))


def _llamacpp(folder: Path) -> Image:
    path = "/app/llama-server"
    return Image(links={path: folder / "bin/llama-server"}, kept=(folder,), entrypoint=(path,), folder="/app")


def _mlserver(folder: Path) -> Image:
    return Image(
        trees={"/opt/mlserver": folder / "venv"},
        kept=(folder, PYTHON),
        environment={"PATH": f"/opt/mlserver/bin:{PATH}"},
        folder="/opt/mlserver",
    )


def _vllm(folder: Path) -> Image:
    return Image(
        trees={"/opt/venv": folder / "venv"},
        kept=(folder, shared_torch(folder), PYTHON),
        environment={"PATH": f"/opt/venv/bin:{PATH}"},
        folder="/workspace",
    )


def _torchserve(folder: Path) -> Image:
    return Image(
        trees={"/home/venv": folder / "venv"},
        kept=(folder, shared_torch(folder), PYTHON),
        environment={"PATH": f"/home/venv/bin:{PATH}"},
        folder="/home/model-server",
    )


_IMAGES: Final[dict[str, tuple[str, Callable[[Path], Image]]]] = {
    "triton": ("nvidia/tritonserver", _triton),
    "llamacpp": ("ggml-org/llama.cpp", _llamacpp),
    "torchserve": ("pytorch/torchserve", _torchserve),
    "vllm": ("vllm/vllm-openai-cpu", _vllm),
    "mlserver": ("seldonio/mlserver", _mlserver),
    "storage": ("kserve/storage-initializer", _storage),
}

"""What known images start without a command, if that is no server.

Source: their Dockerfiles. `docker inspect --format '{{.Config.Entrypoint}} {{.Config.Cmd}}' IMAGE` prints it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.core.regex import regex

if TYPE_CHECKING:
    from collections.abc import Mapping

# The ends of the names of images. Those of `library` are the official images of Docker Hub.
_STARTS: Final[Mapping[str, tuple[str, ...]]] = {
    "a shell": (
        "continuumio/miniconda3",
        "lmsysorg/sglang",
        "nvidia/cuda",
        "nvidia/pytorch",
        "nvidia/tensorflow",
        "nvidia/tensorrt",
        "nvidia/tritonserver",
        "pytorch/pytorch",
        "tensorflow/tensorflow",
        *(f"library/{name}" for name in ("alpine", "busybox", "debian", "fedora", "golang", "rust", "ubuntu")),
    ),
    "an interpreter": ("library/node", "library/pypy", "library/python"),
}
_KNOWN: Final[Mapping[str, str]] = {name: what for what, names in _STARTS.items() for name in names}
_REVISION: Final = regex(r"(?::[^/@]*)?(?:@.*)?\Z")


def idle_start(image: str) -> str | None:
    """Return what an image starts if it is known to start no server, such as `a shell`; None for any other image."""
    parts = _REVISION.sub("", image).split("/")
    return _KNOWN.get("/".join(parts[-2:] if len(parts) > 1 else ["library", *parts]))

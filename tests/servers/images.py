"""What stands for a container image: programs and folders of this machine at the paths where the image has them."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests.servers.objects import PodError

PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
PYTHON: Final = Path(sys.base_prefix)


@dataclass(frozen=True, slots=True)
class Image:
    """An image in terms of this machine, whose own programs it has too."""

    links: Mapping[str, Path] = field(default_factory=dict)
    """Programs: path in the image -> path here."""
    trees: Mapping[str, Path] = field(default_factory=dict)
    """Folders: path in the image -> path here."""
    kept: tuple[Path, ...] = ()
    """Folders that containers of any user find at the paths that they have here."""
    environment: Mapping[str, str] = field(default_factory=dict)
    entrypoint: tuple[str, ...] = ()
    folder: str = "/"
    """The working folder."""


Images = Mapping[str, Image]
"""Images by repository, such as `docker.io/library/busybox`; a key may leave out the registry."""

BASE: Final[Images] = {
    "busybox": Image(),
    "python": Image(
        links={f"/usr/local/bin/{name}": PYTHON / "bin/python3" for name in ("python3", "python")}, kept=(PYTHON,)
    ),
}
"""Images that need no installation."""


def find_image(reference: str, images: Images) -> Image:
    """Return what stands for an image. Raises PodError if nothing does."""
    name = reference.partition("@")[0]
    repository = name.rpartition(":")[0] if ":" in name.rpartition("/")[2] else name
    for key, image in images.items():
        if repository == key or repository.endswith(f"/{key}"):
            return image
    raise PodError(f"nothing stands for the image {reference}")

"""The paths of rendered files: the folder with all of them, and which of them servegen wrote."""

from __future__ import annotations

from typing import Final

ROOT: Final = "rendered"
# The folder in a base or an overlay that holds config files.
CONFIG: Final = "config"


def is_generated(path: str) -> bool:
    """Return whether a file below `rendered/` may be one that servegen generated; a hidden file only as a config file.

    Other hidden files belong to a user (.gitkeep) or to the system (.DS_Store).
    """
    folder, _, name = path.rpartition("/")
    return not name.startswith(".") or f"/{CONFIG}/" in f"{folder}/"

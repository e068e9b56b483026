"""The templates and small data files: those that we ship, and a repository's own, which win file by file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from generator.core.errors import BugError

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class TemplateLoader:
    """Folders of templates in the order in which they are asked."""

    roots: tuple[Path, ...]

    def text(self, name: str) -> str:
        """The text of the file `name` (a path with `/`). Raises BugError when no root has it."""
        for root in self.roots:
            path = root / name
            if path.is_file():
                return path.read_text(encoding="utf-8")
        raise BugError(f"the template {name} is missing")

    def names(self, folder: str, suffix: str) -> list[str]:
        """The stems of the files in `folder` that end in `suffix`, sorted."""
        found = {
            path.name.removesuffix(suffix)
            for root in self.roots
            if (root / folder).is_dir()
            for path in (root / folder).iterdir()
            if path.name.endswith(suffix)
        }
        return sorted(found)

    def folders(self, folder: str) -> list[str]:
        """The names of the folders inside `folder`, sorted."""
        found = {
            path.name
            for root in self.roots
            if (root / folder).is_dir()
            for path in (root / folder).iterdir()
            if path.is_dir()
        }
        return sorted(found)

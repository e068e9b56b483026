"""The templates and small data files: the shipped ones, and a repository's own, which override them file by file."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from generator.core.errors import BugError

if TYPE_CHECKING:
    from pathlib import Path

# How many paths a process keeps.
_PATHS: Final = 4096


class TemplateLoader(Struct, frozen=True):
    """Folders of templates in the order in which they are searched; the last one contains the shipped templates.

    In all others no link is followed: they belong to a repository, and a link may lead to any file of the machine.
    """

    roots: tuple[Path, ...]

    def text(self, name: str) -> str:
        """Return the file `name` (a path with `/`) as a string. Raises BugError if no root has it."""
        return self.content(name).decode("utf-8")

    def content(self, name: str) -> bytes:
        """Return the bytes of the file `name`. Raises BugError if no root has it."""
        return _join(self._root(name), name).read_bytes()

    def has(self, name: str) -> bool:
        """Return whether any root has the file `name`."""
        return any(self._is_file(root, name) for root in self.roots)

    def is_own(self, name: str) -> bool:
        """Return whether the file `name` is the repository's own, so that an error in it is for its user to fix."""
        return any(self._is_file(root, name) for root in self.roots[:-1])

    def has_shipped_text(self, name: str) -> bool:
        """Return whether the file `name` has the content that servegen ships, also if it is the repository's own."""
        return self._root(name) == self.roots[-1] or not self.has_own_text(name)

    def has_own_text(self, name: str) -> bool:
        """Return whether the file `name` is the repository's own, and no copy of a shipped one, which has no mistakes.

        In servegen's own source tree, where both folders are one, no file is a copy.
        """
        return self.is_own(name) and not self._is_copy(name)

    def without_own(self) -> TemplateLoader:
        """Return the loader of the shipped files alone."""
        return TemplateLoader(self.roots[-1:])

    def own_files(self, suffix: str) -> list[str]:
        """Return the repository's own files whose names end in `suffix`, as paths with `/`, sorted."""
        roots = [root for root in self.roots if root != self.roots[-1]]
        found = {path.relative_to(root).as_posix() for root in roots for path in root.rglob(f"*{suffix}")}
        return sorted(name for name in found if self.is_own(name))

    def files(self, folder: str, suffix: str) -> list[str]:
        """Return the files below `folder` whose names end in `suffix`, as paths with `/`, sorted."""
        roots = [root for root in self.roots if self._is_folder(root, folder)]
        found = {path.relative_to(root).as_posix() for root in roots for path in (root / folder).rglob(f"*{suffix}")}
        return sorted(name for name in found if self.has(name))

    def names(self, folder: str, suffix: str) -> list[str]:
        """Return the names, without `suffix`, of the files in `folder` that end in `suffix`, sorted."""
        found = {
            path.name.removesuffix(suffix)
            for root in self.roots
            if self._is_folder(root, folder)
            for path in (root / folder).iterdir()
            if path.name.endswith(suffix)
        }
        return sorted(found)

    def folders(self, folder: str) -> list[str]:
        """Return the names of the folders inside `folder`, sorted."""
        found = {
            path.name
            for root in self.roots
            if self._is_folder(root, folder)
            for path in (root / folder).iterdir()
            if self._is_folder(root, f"{folder}/{path.name}")
        }
        return sorted(found)

    def _is_copy(self, name: str) -> bool:
        """Whether the first file with this name is not the shipped one, and has its content."""
        shipped = self.without_own()
        return self._root(name) != self.roots[-1] and shipped.has(name) and shipped.content(name) == self.content(name)

    def _root(self, name: str) -> Path:
        for root in self.roots:
            if self._is_file(root, name):
                return root
        raise BugError(f"the template {name} is missing")

    def _is_file(self, root: Path, name: str) -> bool:
        return _is_inside(name) and _join(root, name).is_file() and not self._is_linked(root, name)

    def _is_folder(self, root: Path, name: str) -> bool:
        return _is_inside(name) and _join(root, name).is_dir() and not self._is_linked(root, name)

    def _is_linked(self, root: Path, name: str) -> bool:
        """Whether a repository's own path is, or is behind, a link."""
        if root not in self.roots[:-1]:
            return False
        path = _join(root, name)
        return any(one.is_symlink() for one in (path, *path.parents[: name.count("/") + 1]))


@lru_cache(maxsize=_PATHS)
def _join(root: Path, name: str) -> Path:
    """Return the path of a file. Cached: the files of templates/ are looked up again and again."""
    return root / name


def _is_inside(name: str) -> bool:
    """Whether a path that may come from a spec stays below a root, whatever is there."""
    return "\0" not in name and all(part not in ("", ".", "..") for part in name.split("/"))

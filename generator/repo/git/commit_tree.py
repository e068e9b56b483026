"""Export a commit's own templates, and compare its `rendered/` with the expected files, without the work tree."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from generator.render.files import is_generated
from generator.repo.git import objects as gitobjects
from generator.repo.git.objects import FILE, object_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.core.programs.git import Git
    from generator.repo.git.objects import TreeEntry

_TEMPLATES: Final = "templates"


@contextmanager
def temporary_tree(git: Git, tree: str) -> Iterator[Path]:
    """Yield a folder with the templates and schemas of a tree, for `Repository.at`; delete it when the body ends."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        export(root, gitobjects.regular_contents(git, gitobjects.entries(git, tree, _TEMPLATES)))
        yield root


def export(root: Path, files: Mapping[str, bytes]) -> None:
    """Write files below a folder that no other program uses."""
    for path, content in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)


def stale_files(entries: Mapping[str, TreeEntry], files: Mapping[str, str]) -> Iterator[tuple[str, bytes | None]]:
    """Yield the changes that make `rendered/` equal to `files`: path and content, None if to be deleted.

    `entries` is what Git has there. A file with another content has to change, and one that Git holds as a link or as a
    program.
    """
    for path, text in files.items():
        content, entry = text.encode(), entries.get(path)
        if entry is None or entry.mode != FILE or entry.name != object_name(content, len(entry.name)):
            yield path, content
    for path in entries.keys() - files.keys():
        if is_generated(path):
            yield path, None

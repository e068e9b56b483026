"""F08: paths that prevent writing `rendered/`: links, and paths that are not regular files."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from generator.core.finding import Finding, Position
from generator.render.app import ROOT as RENDERED
from generator.repo.walk import walk

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


@dataclass(slots=True)
class _Found:
    """Paths relative to the repository. `special` are neither files nor folders nor links: sockets, pipes, devices."""

    links: list[str] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)
    special: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)


def path_conflicts(root: Path, files: Iterable[str]) -> list[Finding]:
    """Return findings about links and special files below rendered/, and paths of the wrong type for `files`."""
    rendered = _below(root)
    names = set(files)
    parents = {name[:at] for name in names for at, sign in enumerate(name) if sign == "/"}
    in_the_way = [
        *((name, "a folder", "a file") for name in rendered.folders if name in names),
        *((name, "a file", "a folder") for name in rendered.files if name in parents),
        *((name, "a special file", "a file") for name in rendered.special),
    ]
    hint = "move it away; `servegen render` writes the expected one"
    return [
        *(_link(name) for name in rendered.links),
        *(Finding("F08", f"found {is_}, expected {what}", Position(name), hint) for name, is_, what in in_the_way),
    ]


def _link(name: str) -> Finding:
    hint = "delete the link; `servegen render` writes the file"
    return Finding("F08", "found a symbolic link, which servegen does not follow", Position(name), hint)


def _below(root: Path) -> _Found:
    """Return everything below rendered/ that is not hidden. If the folder itself is a link, return only that link."""
    out = _Found()
    if os.path.islink(root / RENDERED):  # noqa: PTH114  # as in worktree
        out.links.append(RENDERED)
        return out
    for name, entry in walk(root, RENDERED):
        _sort_in(entry, name, out)
    return out


def _sort_in(entry: os.DirEntry[str], name: str, out: _Found) -> None:
    if entry.is_symlink():
        out.links.append(name)
    elif entry.is_dir(follow_symlinks=False):
        out.folders.append(name)
    elif entry.is_file(follow_symlinks=False):
        out.files.append(name)
    else:
        out.special.append(name)

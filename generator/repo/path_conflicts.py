"""F08: paths that prevent reading `templates/` or writing `rendered/`: links, submodules and special files.

A link is never followed: its target may be outside of the repository, and Git stores only the link. Those below
`services/` are reported by the module that reads the specs.
"""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from generator.core.finding import Finding, Position
from generator.render.files import ROOT as RENDERED
from generator.repo.deliverer_files import report_deliverer_files
from generator.repo.git.objects import SUBMODULE
from generator.repo.spec_files import read_start
from generator.repo.submodule import report_submodule
from generator.repo.walk import GIT, walk
from generator.spec.files import ROOT as SPECS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from generator.repo.git.objects import TreeEntry

TEMPLATES: Final = "templates"
_HINTS: Final = {
    SPECS: "replace the link with the file itself",
    TEMPLATES: "replace the link with the file itself",
    RENDERED: "delete the link; `servegen render` writes the file",
}


class _Found(Struct):
    """Paths relative to the repository. `special` are neither files nor folders nor links: sockets, pipes, devices.

    `submodules` are the folders that are work trees of other repositories. `hidden` are hidden files and links, and
    those in hidden folders, unless these are inputs.
    """

    hidden: list[str] = field(default_factory=list)

    submodules: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)
    special: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)


def path_conflicts(root: Path, files: Iterable[str]) -> list[Finding]:
    """Return findings about what is not followed in templates/ and rendered/, and about paths in the way of `files`."""
    rendered = _below(root, RENDERED)
    names = set(files)
    parents = _folders(names)
    in_the_way = [
        *((name, "a folder", "a file") for name in rendered.folders if name in names),
        *((name, "a file", "a folder") for name in rendered.files if name in parents),
        *((name, "a special file", "a file") for name in rendered.special),
    ]
    hint = "move it away; `servegen render` writes the expected one"
    return [
        *report_deliverer_files([*rendered.files, *rendered.hidden], partial(_start, root)),
        *_unread(_below(root, TEMPLATES), TEMPLATES),
        *map(report_submodule, rendered.submodules),
        *(_link(name, RENDERED) for name in rendered.links),
        *(Finding("F08", f"found {is_}, expected {what}", Position(name), hint) for name, is_, what in in_the_way),
    ]


def _folders(names: Iterable[str]) -> set[str]:
    """Return the folders that files are in, and those that these are in."""
    out: set[str] = set()
    for name in names:
        folder = name.rpartition("/")[0]
        while folder and folder not in out:
            out.add(folder)
            folder = folder.rpartition("/")[0]
    return out


def revision_conflicts(entries: Mapping[str, TreeEntry]) -> list[Finding]:
    """Return findings about the submodules of a revision, and the links among its inputs: none of them is read."""
    irregular = [(name, entry, name.partition("/")[0]) for name, entry in entries.items() if not entry.regular]
    submodules = [name for name, entry, top in irregular if entry.mode == SUBMODULE and top in _HINTS]
    links = [(name, top) for name, entry, top in irregular if entry.mode != SUBMODULE and top in (SPECS, TEMPLATES)]
    return [*map(report_submodule, submodules), *(_link(name, top) for name, top in links)]


def _unread(found: _Found, top: str) -> Iterator[Finding]:
    """Yield a finding for each path in a folder of inputs that is neither a folder nor a file."""
    yield from map(report_submodule, found.submodules)
    yield from (_link(name, top) for name in found.links)
    hint = "move it away"
    yield from (Finding("F08", "found a special file, expected a file", Position(name), hint) for name in found.special)


def _link(name: str, top: str) -> Finding:
    return Finding("F08", "found a symbolic link, which servegen does not follow", Position(name), _HINTS[top])


def _start(root: Path, name: str) -> bytes:
    """Return the start of a file; nothing for a link, which is not followed."""
    path = f"{root}/{name}"
    return b"" if os.path.islink(path) else read_start(path)  # noqa: PTH114  # as in worktree


def _below(root: Path, top: str) -> _Found:
    """Return everything below a folder; only the folder itself if that is a link."""
    out = _Found()
    if os.path.islink(root / top):  # noqa: PTH114  # as in worktree
        out.links.append(top)
        return out
    for name, entry in walk(root, top, hidden=True):
        _sort_in(entry, name, out, inputs=top == TEMPLATES)
    return out


def _sort_in(entry: os.DirEntry[str], name: str, out: _Found, *, inputs: bool) -> None:
    if entry.name == GIT:
        out.submodules.append(name.removesuffix(f"/{GIT}"))
    elif "/." in name and not inputs:
        out.hidden.extend([] if entry.is_dir(follow_symlinks=False) else [name])
    elif entry.is_symlink():
        out.links.append(name)
    elif entry.is_dir(follow_symlinks=False):
        out.folders.append(name)
    elif entry.is_file(follow_symlinks=False):
        out.files.append(name)
    else:
        out.special.append(name)

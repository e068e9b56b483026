"""Compare what Git holds of services/ and rendered/ with the specs that were read and the files that were rendered.

Git may hold something else: ignore rules leave files out, filters and hooks change content, flags of the index hide
changes, and a file may have the mode of a link or a program.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from generator.core.yaml import read
from generator.render.files import ROOT as RENDERED
from generator.render.files import is_generated
from generator.repo.git import objects as gitobjects
from generator.repo.git.objects import FILE, object_name
from generator.spec.files import ROOT as SPECS
from generator.spec.files import is_spec

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.core.programs.git import Git
    from generator.repo.git.objects import TreeEntry

FOLDERS: Final = (SPECS, RENDERED)


class Expected(Struct, frozen=True):
    """What a commit has to hold: the specs as they were read, and the rendered files, both by path."""

    specs: Mapping[str, bytes]
    files: Mapping[str, str]


class Deviation(Struct, frozen=True):
    """A path at which Git holds something else. `entry` is None if it holds nothing; `expected` says if it should."""

    path: str
    entry: TreeEntry | None
    expected: bool

    @property
    def other_content(self) -> bool:
        """Whether both have a regular file, with different content."""
        return self.expected and self.entry is not None and self.entry.regular and not self.other_mode

    @property
    def other_mode(self) -> bool:
        """Whether this is a rendered file that Git holds as a program; its content was not compared."""
        at = self.entry
        return at is not None and at.regular and at.mode != FILE and self.path.startswith(f"{RENDERED}/")


def find_deviations(git: Git, entries: Mapping[str, TreeEntry], expected: Expected) -> list[Deviation]:
    """Return where `entries`, those of an index or a commit below `FOLDERS`, deviate, sorted by path.

    A spec deviates only if its data differ, so that line ends and comments may be changed.
    """
    found = [*_rendered(entries, expected.files), *_specs(git, entries, expected.specs)]
    return sorted(found, key=lambda deviation: deviation.path)


def _rendered(entries: Mapping[str, TreeEntry], files: Mapping[str, str]) -> Iterator[Deviation]:
    for path, text in files.items():
        entry = entries.get(path)
        if entry is None or entry.mode != FILE or entry.name != object_name(text.encode(), len(entry.name)):
            yield Deviation(path, entry, expected=True)
    for path, entry in entries.items():
        if path not in files and path.startswith(f"{RENDERED}/") and (is_generated(path) or not entry.regular):
            yield Deviation(path, entry, expected=False)


def _specs(git: Git, entries: Mapping[str, TreeEntry], specs: Mapping[str, bytes]) -> Iterator[Deviation]:
    differing = {}
    for path, content in specs.items():
        entry = entries.get(path)
        if entry is None or not entry.regular:
            yield Deviation(path, entry, expected=True)
        elif entry.name != object_name(content, len(entry.name)):
            differing[path] = entry
    held = gitobjects.regular_contents(git, differing)
    for path, entry in differing.items():
        if not _same_data(path, specs[path], held[path]):
            yield Deviation(path, entry, expected=True)
    for path, entry in entries.items():
        if path not in specs and path.startswith(f"{SPECS}/") and (is_spec(path) or not entry.regular):
            yield Deviation(path, entry, expected=False)


def _same_data(path: str, one: bytes, other: bytes) -> bool:
    if one.replace(b"\r\n", b"\n") == other.replace(b"\r\n", b"\n"):
        return True
    (first, _), (second, wrong) = read(one, path), read(other, path)
    return first is not None and second is not None and not wrong and first.data == second.data

"""A repository as several revisions have it, for a run that renders more than one.

Equal templates are exported once, an equal file is read from Git once, of a further revision only what differs from the
one before is listed, and what the specs leave as it is will not be resolved again.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field
from msgspec.structs import replace

from generator.render.files import ROOT as RENDERED
from generator.repo.git import objects as gitobjects
from generator.repo.git.commit_tree import export
from generator.repo.path_conflicts import TEMPLATES
from generator.repo.repository import Repository
from generator.spec.files import ROOT, is_spec

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from contextlib import ExitStack

    from generator.core.programs.git import Git
    from generator.repo.git.objects import TreeEntry

_FOLDERS: Final = (ROOT, TEMPLATES, RENDERED)


class Revision(Struct, frozen=True):
    """The files of a revision in services/, templates/ and rendered/ of git's folder, and the contents of its specs."""

    specs: Mapping[str, bytes]
    files: Mapping[str, TreeEntry]

    def entries(self, folder: str) -> dict[str, TreeEntry]:
        """Return the files below one of these folders."""
        return {path: entry for path, entry in self.files.items() if path.startswith(f"{folder}/") or path == folder}


class Revisions(Struct):
    """Reads revisions of the repository in git's folder, whose path in the tree is `prefix`.

    `stack` closes what they are exported to. `likely` are contents that many of the specs have.
    """

    git: Git
    prefix: str
    stack: ExitStack
    likely: Collection[bytes] = ()
    _last: tuple[str, Revision] | None = None
    _blobs: dict[str, bytes] = field(default_factory=dict)
    _exported: dict[frozenset[tuple[str, TreeEntry]], Repository] = field(default_factory=dict)

    def read(self, revision: str) -> Revision:
        """Return the files of a revision, the id of a commit. Raises ToolError as `gitobjects.specs` does."""
        if self._last is None:
            self._blobs |= {gitobjects.object_name(text, len(revision)): text for text in self.likely}
            files = gitobjects.entries(self.git, revision, *_FOLDERS)
            self._last = revision, self._read(revision, Revision({}, {}), files)
        elif self._last[0] != revision:
            before, known = self._last
            self._last = revision, self._read(revision, known, self._changed(before, revision))
        return self._last[1]

    def _changed(self, before: str, after: str) -> dict[str, TreeEntry | None]:
        """Return the files in the folders that differ between two commits, with their new entries."""
        changed = gitobjects.changed_entries(self.git, before, after)
        return {path.removeprefix(self.prefix): new for path, (_, new) in changed.items() if self._holds(path)}

    def _read(self, revision: str, known: Revision, edits: Mapping[str, TreeEntry | None]) -> Revision:
        files = {**known.files, **edits}
        specs = {path: entry for path, entry in files.items() if entry is not None and path.startswith(f"{ROOT}/")}
        gitobjects.require_limits(self.git, revision, specs, self._blobs)
        return self.edit(known, edits, {})

    def find(self, revision: str, paths: Collection[str]) -> tuple[dict[str, TreeEntry], list[str]]:
        """Return the files of a commit at paths from the top of the tree, and the paths of which Git has to be asked.

        These are outside the folders, or a folder in the commit.
        """
        files = self.read(revision).files
        held = {path: files.get(path.removeprefix(self.prefix)) for path in paths if self._holds(path)}
        absent = [path.removeprefix(self.prefix) for path, entry in held.items() if entry is None]
        folders = {path for path in absent if any(file.startswith(f"{path}/") for file in files)}
        asked = [path for path in paths if path not in held or path.removeprefix(self.prefix) in folders]
        return {path: entry for path, entry in held.items() if entry is not None}, asked

    def _holds(self, path: str) -> bool:
        return path.startswith(self.prefix) and path.removeprefix(self.prefix).partition("/")[0] in _FOLDERS

    def contents(self, names: Collection[str]) -> dict[str, bytes]:
        """Return the contents of the blobs with these names. Raises ToolError if the repository lacks one."""
        self._blobs |= gitobjects.read_blobs(self.git, (name for name in names if name not in self._blobs))
        return {name: self._blobs[name] for name in names}

    def edit(self, revision: Revision, edits: Mapping[str, TreeEntry | None], fresh: Mapping[str, bytes]) -> Revision:
        """Return a revision with files added, replaced or (None) deleted; `fresh` are contents that Git may not have.

        `fresh` has them by the name of the blob. The same files are specs as in `read`.
        """
        self._blobs.update(fresh)
        files = {path: entry for path, entry in {**revision.files, **edits}.items() if entry is not None}
        changed = {path: entry for path, entry in edits.items() if path.startswith(f"{ROOT}/") and is_spec(path)}
        regular = {path: entry for path, entry in changed.items() if entry is not None and entry.regular}
        kept = {path: content for path, content in revision.specs.items() if path not in changed}
        specs = kept | gitobjects.regular_contents(self.git, regular, self._blobs)
        return Revision(dict(sorted(specs.items())), files)

    def repository(self, revision: Revision) -> Repository:
        """Return the repository for plans of a revision, with its own templates."""
        own = revision.entries(TEMPLATES)
        key = frozenset(own.items())
        if key not in self._exported:
            folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
            export(folder, gitobjects.regular_contents(self.git, own))
            self._exported[key] = Repository.at(folder, revision.specs).with_memory()
        known = self._exported[key]
        return replace(Repository.at(known.root, revision.specs), memory=known.memory)

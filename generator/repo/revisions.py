"""A repository as several revisions have it, for a run that renders more than one.

Equal templates are exported once, an equal file is read from Git once, and what the specs leave as it is will not be
resolved again.
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
    from collections.abc import Mapping
    from contextlib import ExitStack

    from generator.core.programs.git import Git
    from generator.repo.git.objects import TreeEntry

_FOLDERS: Final = (TEMPLATES, RENDERED)


class Revision(Struct, frozen=True):
    """The files of a revision below git's folder: the contents of its specs, and its templates and `rendered/`."""

    specs: Mapping[str, bytes]
    files: Mapping[str, TreeEntry]

    def entries(self, folder: str) -> dict[str, TreeEntry]:
        """Return the files below one of the folders of templates and rendered files."""
        return {path: entry for path, entry in self.files.items() if path.startswith(f"{folder}/") or path == folder}


class Revisions(Struct):
    """Reads revisions of the repository in git's folder. `stack` closes what they are exported to."""

    git: Git
    stack: ExitStack
    _blobs: dict[str, bytes] = field(default_factory=dict)
    _exported: dict[frozenset[tuple[str, TreeEntry]], Repository] = field(default_factory=dict)

    def read(self, revision: str) -> Revision:
        """Return the files of a revision. Raises ToolError as `gitobjects.specs` does."""
        specs = gitobjects.specs(self.git, revision, self._blobs)
        return Revision(specs, gitobjects.entries(self.git, revision, *_FOLDERS))

    def edit(self, revision: Revision, edits: Mapping[str, TreeEntry | None], fresh: Mapping[str, bytes]) -> Revision:
        """Return a revision with files added, replaced or (None) deleted; `fresh` are contents that Git may not have.

        `fresh` has them by the name of the blob. The same files are specs as in `read`.
        """
        self._blobs.update(fresh)
        files = {path: entry for path, entry in {**revision.files, **edits}.items() if entry is not None}
        changed = {path: entry for path, entry in edits.items() if path.startswith(f"{ROOT}/") and is_spec(path)}
        regular = {path: entry for path, entry in changed.items() if entry is not None and entry.regular}
        kept = {path: content for path, content in revision.specs.items() if path not in changed}
        return Revision(kept | gitobjects.regular_contents(self.git, regular, self._blobs), files)

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

"""The objects in the rendered files of a commit, where these files differ from what this version renders."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from generator.core.programs.kustomize import build
from generator.core.yaml.object_reader import read
from generator.render.files import ROOT as RENDERED
from generator.repo.git import objects as gitobjects
from generator.repo.git.commit_tree import export
from generator.repo.git.objects import object_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.core.programs.git import Git
    from generator.repo.git.objects import TreeEntry

    Trees = list[dict[str, object]]

# Tools read the files of these folders as they are; all others are built by kustomize.
_PLAIN = ("argocd", "flux")


@dataclass(slots=True)
class CommittedObjects:
    """Reads the objects of a commit. `kustomize` is the program."""

    git: Git
    commit: str
    kustomize: Path
    _entries: dict[str, TreeEntry] = field(init=False)

    def __post_init__(self) -> None:
        self._entries = gitobjects.entries(self.git, self.commit, RENDERED)

    def objects_that_differ(self, files: Mapping[str, str]) -> dict[str, Trees]:
        """Return the objects of the commit in the folders of these rendered files that differ from them.

        The keys are the folders that kustomize builds, and single files of folders that it does not. A folder that only
        one side has is left out. Raises KustomizeError if one cannot be built.
        """
        tops = {_top(file) for file in files}
        held = {path: entry for path, entry in self._entries.items() if _top(path) in tops}
        wrong = {path for path in files if not _is_same(held.get(path), files[path])} | (held.keys() - files.keys())
        plain = {path for path in wrong if path.split("/")[1] in _PLAIN}
        out = {path: read(text) for path, text in self._texts(plain & held.keys() & files.keys())}
        return out | self._built({_top(path) for path in wrong - plain}, held, files)

    def _texts(self, paths: set[str]) -> Iterator[tuple[str, str]]:
        contents = gitobjects.regular_contents(self.git, {path: self._entries[path] for path in paths})
        yield from ((path, text.decode("utf-8", "replace")) for path, text in sorted(contents.items()))

    def _built(self, tops: set[str], held: Mapping[str, TreeEntry], files: Mapping[str, str]) -> dict[str, Trees]:
        wanted = {path: entry for path, entry in held.items() if _top(path) in tops}
        folders = sorted(
            folder for folder in map(_folder, wanted) if folder and f"{folder}/kustomization.yaml" in files
        )
        if not folders:
            return {}
        with tempfile.TemporaryDirectory(prefix="servegen-") as place:
            export(Path(place), gitobjects.regular_contents(self.git, wanted))
            return {folder: build(Path(place, folder), self.kustomize) for folder in dict.fromkeys(folders)}


def _top(path: str) -> str:
    """Return the folder of an app, of a cluster or of a tool, which holds all that kustomize reads to build a part."""
    return "/".join(PurePosixPath(path).parts[:3])


def _folder(path: str) -> str:
    """Return the folder that a tool builds, if this is its own file: an overlay, or that of a cluster."""
    parts = path.split("/")
    is_built = parts[-1] == "kustomization.yaml" and (parts[1] == "platform" or parts[3:4] == ["overlays"])
    return "/".join(parts[:-1]) if is_built and len(parts) in (4, 6) else ""


def _is_same(entry: TreeEntry | None, text: str) -> bool:
    return entry is not None and entry.name == object_name(text.encode(), len(entry.name))

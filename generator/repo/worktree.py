"""The files of a repository: compare and write the rendered tree, without losing anything a user wrote.

A file below `rendered/` may be overwritten or deleted only if its content is known: Git has it, or servegen wrote it.
The contents that servegen writes are recorded in `.servegen/written` before they are written, so that a run can
continue after another one was killed.
"""

from __future__ import annotations

import hashlib
import os
import stat
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from generator.core.errors import RefusedError, ToolError, UsageError
from generator.core.finding import Finding, Position
from generator.render.files import ROOT as RENDERED
from generator.render.files import is_generated
from generator.repo.state import append_state, new_file, read_state, state_folder, write_state
from generator.repo.walk import walk
from generator.repo.writing import named_errors, write_whole
from generator.spec.files import ROOT as SPECS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

_WRITTEN: Final = "written"


class Changes(Struct, frozen=True):
    """The files that writing a tree changes: sorted paths in the repository. `deleted` do not belong to the tree."""

    created: tuple[str, ...]
    updated: tuple[str, ...]
    deleted: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.created or self.updated or self.deleted)


def find_root(start: Path) -> Path:
    """Return the repository that holds `start`: the nearest folder with services/platform.yaml.

    Raises UsageError if there is none.
    """
    for folder in (start, *start.parents):
        # A link or a folder of this name is reported with all other findings.
        if os.path.lexists(folder / SPECS / "platform.yaml"):
            return folder
    raise UsageError(
        f"found no {SPECS}/platform.yaml in {start} or above", hint="`servegen init .` creates a repository"
    )


def compare(root: Path, files: Mapping[str, str]) -> Changes:
    """Return how rendered/ differs from `files`. Raises ToolError if it cannot be read."""
    below = walk(root, RENDERED, hidden=True)
    existing = {name for name, entry in below if entry.is_file(follow_symlinks=False)}
    updated = [name for name in existing & files.keys() if _read(f"{root}/{name}") != files[name].encode()]
    return Changes(
        created=tuple(sorted(files.keys() - existing)),
        updated=tuple(sorted(updated)),
        deleted=tuple(sorted(_stale(root, existing - files.keys()))),
    )


def _stale(root: Path, names: set[str]) -> set[str]:
    """Return those of `names`, which are not in the tree, that are to be deleted.

    Hidden files are only deleted if they are generated config files with a known content.
    """
    hidden = {name for name in names if name.rpartition("/")[2].startswith(".")}
    config = {name: content_name(_read(f"{root}/{name}")) for name in hidden if is_generated(name)}
    known = _known(root, set(config.values()))
    return names - hidden | {name for name, blob in config.items() if blob in known}


def find_local_changes(root: Path, files: Mapping[str, str], changes: Changes) -> list[Finding]:
    """Return findings about files that writing `files` would lose: changed or added by hand, and not in Git."""
    contents = {name: _read(f"{root}/{name}") for name in (*changes.updated, *changes.deleted)}
    # A file that holds only the beginning of its new content, as a killed run leaves it, is safe to overwrite.
    kept = {name for name, content in contents.items() if files.get(name, "").encode().startswith(content)}
    endangered = {name: content_name(content) for name, content in contents.items() if name not in kept}
    known = _known(root, set(endangered.values()))
    return [
        Finding(
            "F05",
            "this file was changed by hand and is not in Git; servegen would overwrite or delete it",
            Position(name),
            f"move the change into {SPECS}/ and delete the file, commit it, or use --force",
        )
        for name, blob in sorted(endangered.items())
        if blob not in known
    ]


def out_of_date_findings(changes: Changes) -> list[Finding]:
    """Return one finding, at the first affected file, if rendered/ is not what the specs give."""
    if not changes:
        return []
    words = [
        f"{len(names)} to {verb}"
        for verb, names in (("create", changes.created), ("update", changes.updated), ("delete", changes.deleted))
        if names
    ]
    first = (*changes.updated, *changes.deleted, *changes.created)[0]
    message = f"{RENDERED}/ differs from what the specs render: {', '.join(words)}"
    return [Finding("F10", message, Position(first), "run `servegen render` and commit")]


def write(root: Path, files: Mapping[str, str], changes: Changes, others: Iterable[str] = ()) -> None:
    """Make rendered/ equal to `files`: write new content first, delete stale files last. Raises ToolError.

    `others` are the SHA-1 names of contents that rendered/ has too, and keeps.
    """
    writing = (*changes.created, *changes.updated)
    try:
        _note(root, [content_name(files[name].encode()) for name in writing])
        folders: set[str] = set()
        for name in writing:
            _replace(root, name, files[name].encode(), folders)
        for name in changes.deleted:
            (root / name).unlink()
        _remove_empty(root, changes.deleted, RENDERED)
        if changes:
            _note(root, sorted({*others, *(content_name(text.encode()) for text in files.values())}), fresh=True)
    except OSError as error:
        raise ToolError(f"cannot write {error.filename}: {error.strerror}", hint="the next run continues") from error


def read_contents(root: Path, files: Iterable[str]) -> dict[str, bytes]:
    """Return the contents of those of these files that exist. Raises ToolError if one cannot be read."""
    return {file: _read(f"{root}/{file}") for file in files if os.path.isfile(root / file)}  # noqa: PTH113


def write_specs(root: Path, texts: Mapping[str, bytes], before: Mapping[str, bytes]) -> None:
    """Write these files of services/, each one atomically, and create missing folders.

    `before` is the content of each file when it was read; a file that it does not name must not exist. Raises
    ToolError, and writes nothing, if a file has changed since then, so that concurrent changes of a user are kept, and
    RefusedError if one of the folders is a link.
    """
    _unchanged(root, {file: before.get(file) for file in texts})
    linked = [finding for file in texts for finding in _linked_folders(root, file)]
    if linked:
        raise RefusedError(linked, {})
    try:
        for file, text in texts.items():
            (root / file).parent.mkdir(parents=True, exist_ok=True)
            _exchange(root, file, text)
    except OSError as error:
        raise ToolError(f"cannot write {error.filename}: {error.strerror}") from error


def delete_specs(root: Path, files: Mapping[str, bytes]) -> None:
    """Delete these files of services/ and the folders that become empty. Raises ToolError as `write_specs` does."""
    _unchanged(root, files)
    try:
        for file in files:
            (root / file).unlink()
        _remove_empty(root, tuple(files), SPECS)
    except OSError as error:
        raise ToolError(f"cannot delete {error.filename}: {error.strerror}") from error


def _linked_folders(root: Path, file: str) -> list[Finding]:
    parents = [parent for parent in (root / file).parents if parent.is_relative_to(root) and parent.is_symlink()]
    message, hint = "found a symbolic link, which servegen does not follow", "replace the link with the folder itself"
    return [Finding("F08", message, Position(parent.relative_to(root).as_posix()), hint) for parent in parents[:1]]


def _unchanged(root: Path, files: Mapping[str, bytes | None]) -> None:
    for file, known in files.items():
        path = root / file
        found = _read(str(path)) if os.path.lexists(path) else None
        if found != known:
            raise ToolError(f"{file} was changed while this command ran", hint="nothing was written; run it again")


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:  # noqa: PTH123  # open() alone is faster, and there are thousands of files
            return file.read()
    except OSError as error:
        raise ToolError(f"cannot read {path}: {error.strerror}") from error


def _replace(root: Path, name: str, content: bytes, folders: set[str]) -> None:
    path, folder = f"{root}/{name}", name.rpartition("/")[0]
    if folder not in folders:
        os.makedirs(root / folder, exist_ok=True)  # noqa: PTH103
        folders.add(folder)
    try:
        _create(path, content)
    except FileExistsError:
        _exchange(root, name, content)


def _create(path: str, content: bytes) -> None:
    """Write a new file, not atomically: it is only read after the run. One call for each file is most of the time."""
    try:
        with open(path, "xb", buffering=0) as file:  # noqa: PTH123
            write_whole(file, content)
    except OSError as error:
        error.filename = path
        raise


def _exchange(root: Path, name: str, content: bytes) -> None:
    """Write a file atomically, and keep the mode of the old file if there is one."""
    path = root / name
    state_folder(root)
    with named_errors(path), new_file(root, content) as temporary:
        if path.is_file() and not path.is_symlink():
            temporary.chmod(stat.S_IMODE(path.stat().st_mode))
        temporary.replace(path)


def _remove_empty(root: Path, deleted: tuple[str, ...], top: str) -> None:
    for parent in sorted({parent for name in deleted for parent in (root / name).parents}, reverse=True):
        if parent.is_relative_to(root / top) and parent != root / top and not any(parent.iterdir()):
            parent.rmdir()


def content_name(content: bytes) -> str:
    """Return Git's SHA-1 name of a content (gitformat-object(5)), to compare recorded contents with those in Git."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def _known(root: Path, blobs: set[str]) -> set[str]:
    """Return those contents that servegen wrote or Git has."""
    known = blobs & _noted(root) if blobs else blobs
    if known == blobs:
        return known
    from generator.repo.git.checkout import known_contents

    for contents in known_contents(root, RENDERED):
        known |= blobs & contents
        if known == blobs:
            break
    return known


def _noted(root: Path) -> set[str]:
    return set((read_state(root, _WRITTEN) or "").split())


def remember_contents(root: Path, names: Iterable[str]) -> None:
    """Record contents, by their SHA-1 names, as written by servegen, before they are written. Raises ToolError."""
    try:
        _note(root, list(names))
    except OSError as error:
        raise ToolError(f"cannot write {error.filename}: {error.strerror}") from error


def _note(root: Path, blobs: list[str], *, fresh: bool = False) -> None:
    text = "".join(f"{blob}\n" for blob in blobs)
    if fresh:
        write_state(root, _WRITTEN, text)
    else:  # starts with a line end because a killed run may have left an unfinished line
        append_state(root, _WRITTEN, f"\n{text}")

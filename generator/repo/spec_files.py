"""Read the spec files of a work tree, within limits, and report what cannot be read as one.

A link is never followed: its target may be outside of the repository, and Git stores only the link. A pipe or a device
is never opened: reading it may block for ever.
"""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from generator.core.errors import ToolError
from generator.core.finding import Finding, Position
from generator.core.limits import MAX_BYTES
from generator.repo.submodule import report_submodule
from generator.repo.walk import GIT, walk
from generator.spec.files import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from generator.repo.walk import Entry

# 10,000 services with their models and projects are about 25,000 files of 20 MB.
MAX_FILES: Final = 80_000
MAX_TOTAL_BYTES: Final = 512 << 20
MAX_LEVELS: Final = 10
_KINDS: Final = {
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


class SpecFiles(Struct, frozen=True):
    """The spec files of a work tree (path -> content), and findings about what is not read."""

    contents: dict[str, bytes]
    findings: tuple[Finding, ...] = ()


def read_spec_files(root: Path) -> SpecFiles:
    """Return all YAML files below services/. Raises ToolError if a file or a folder cannot be read.

    A file that is longer than the reader's limit is read until there. Beyond the limits on files and bytes nothing is
    returned: a part of the specs would be a fleet without the others.
    """
    if os.path.islink(root / ROOT):  # noqa: PTH114  # as in worktree
        return SpecFiles({}, (_link(ROOT),))
    contents, findings, files, total = dict[str, bytes](), list[Finding](), 0, 0
    for name, entry in walk(root, ROOT, levels=MAX_LEVELS):
        if found := _misplaced(name, entry):
            findings.append(found)
        elif entry.is_file(follow_symlinks=False):
            files += 1
            if name.endswith((".yaml", ".yml")):
                contents[name] = read_start(f"{root}/{name}")
                total += len(contents[name])
        if files > MAX_FILES or total > MAX_TOTAL_BYTES:
            return SpecFiles({}, (_too_much(files),))
    return SpecFiles(contents, tuple(findings))


def read_start(path: str) -> bytes:
    """Return a file, or as much of it as the reader needs to refuse it. Raises ToolError."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123  # open() alone is faster, and there are thousands of files
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise ToolError(f"cannot read {path}: {error.strerror}") from error


def _misplaced(name: str, entry: Entry) -> Finding | None:
    if entry.name == GIT:
        return report_submodule(name.removesuffix(f"/{GIT}"))
    if entry.is_symlink():
        return _link(name)
    if entry.is_dir(follow_symlinks=False):
        return _folder(name)
    if entry.is_file(follow_symlinks=False):
        return None
    what = _KINDS.get(stat.S_IFMT(entry.stat(follow_symlinks=False).st_mode), "a special file")
    return Finding("F08", f"found {what}, expected a file or a folder", Position(name), "delete it")


def _folder(name: str) -> Finding | None:
    if name.endswith((".yaml", ".yml")):
        return Finding("F08", "found a folder, expected a file", Position(name), "rename or delete the folder")
    if name.count("/") >= MAX_LEVELS:
        message = f"found folders nested deeper than {MAX_LEVELS} levels, expected {ROOT}/<project>/<app>"
        return Finding("F13", message, Position(name), "move the specs up, and delete the folder")
    return None


def _link(name: str) -> Finding:
    message = "found a symbolic link, which servegen does not follow"
    return Finding("F08", message, Position(name), "replace the link with the file itself")


def _too_much(files: int) -> Finding:
    found, most = (
        (f"{MAX_FILES:,} files", f"{MAX_FILES:,}") if files > MAX_FILES else (f"{MAX_TOTAL_BYTES:,} bytes", "that")
    )
    hint = f"move what is no spec out of {ROOT}/, or use several repositories"
    return Finding("F13", f"{ROOT}/ has more than {found}, expected at most {most}", Position(ROOT), hint)

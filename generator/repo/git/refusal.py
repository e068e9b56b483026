"""Why git does not read a repository that is there: another user's, a broken one, or a bare one.

Git answers "not a git repository" also for a work tree whose repository was moved, and for a `.git` that is damaged.
That must not be taken for a folder without Git, which has no history and may get a new repository.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from generator.core.errors import ToolError, UsageError
from generator.core.regex import regex

if TYPE_CHECKING:
    from pathlib import Path

    from generator.core.programs.git import Git, GitResult

# What git says of objects that it has and cannot read.
_DAMAGED: Final = regex(r"corrupt|is empty|does not match index|bad object|inflate|garbage at end")
REPAIR: Final = "`git fsck` lists what is damaged; clone the repository again, and copy changed files of services/ over"


def explain_refusal(git: Git, answer: GitResult) -> ToolError | UsageError | None:
    """Return why git did not answer in its folder, or None if there is no repository."""
    folder = answer.message.partition("'")[2].partition("'")[0]
    if "dubious ownership" in answer.message:
        hint = f"run git config --global --add safe.directory '{folder or '<the repository>'}'"
        return ToolError("git refuses to read a repository of another user", hint=hint)
    if "cannot use bare repository" in answer.message:
        hint = f"clone it and run servegen in the clone; files named HEAD, objects and refs make {folder} one"
        return UsageError(f"{folder} is a bare repository, which has no work tree", hint=hint)
    place = _repository(git.folder)
    return _broken(place, answer.message) if place is not None else None


def reports_damage(message: str) -> bool:
    """Return whether a message of git is about objects that it has and cannot read."""
    return _DAMAGED.search(message) is not None


def _repository(folder: Path) -> Path | None:
    """Return the `.git` of a folder or of one above it. An empty folder is none: containers hide a repository so."""
    found = (path / ".git" for path in (folder, *folder.parents))
    return next((path for path in found if os.path.lexists(path) and not (path.is_dir() and _is_empty(path))), None)


def _is_empty(folder: Path) -> bool:
    return os.access(folder, os.R_OK) and not any(folder.iterdir())


def _broken(place: Path, message: str) -> ToolError:
    _, _, named = message.partition("not a git repository: ")
    if named and place.is_file():
        hint = f"if it was moved, run `git worktree repair {place.parent}` there; else clone the repository again"
        return ToolError(f"git cannot read {place}: it names {named}, which is no repository", hint=hint)
    reason = message.removeprefix("fatal: ").partition("\n")[0]
    return ToolError(f"git cannot read {place}: {reason}", hint=f"repair {place}, or clone the repository again")

"""Whether a clone has all that its history may be asked for: what it lacks is not the same as what never was."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from generator.core.programs.git import Git

DEEPEN: Final = "git fetch --unshallow"


def is_shallow(git: Git) -> bool:
    """Return whether the clone lacks the older part of the history. Return False without a repository."""
    return git.ask("rev-parse", "--is-shallow-repository").text == "true"


def shallow_note(git: Git) -> str:
    """Return the end of a hint for something that was not found in the history; empty if the clone has all of it."""
    return (
        f"; this clone is shallow: `{DEEPEN}` gets the older commits, which were not looked at"
        if is_shallow(git)
        else ""
    )

"""The lock of a repository, which a command that writes holds until it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from generator.cli.terminal import echo
from generator.core.programs.git import Git
from generator.repo.git.moves import repair
from generator.repo.lock import exclusive
from generator.repo.worktree import find_root

if TYPE_CHECKING:
    from pathlib import Path


def lock_repository(folder: Path) -> Path:
    """Return the repository that holds `folder`, and hold its lock until the command ends.

    No other run can then write between reading and writing. What a killed run left incomplete is restored. Raises
    ToolError if another run holds the lock.
    """
    root = find_root(folder)
    lock = click.get_current_context().with_resource(exclusive(root))
    repair(Git(root, lock.descriptor), lambda line: echo(line, err=True))
    return root

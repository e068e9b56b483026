"""The `servegen commit` command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from generator.cli.common import command as new_command
from generator.cli.common import no_cache_option, pushed_branch
from generator.cli.dry_run import dry_run_option
from generator.cli.effects import commit_effects
from generator.cli.terminal import echo
from generator.core.programs.git import Git
from generator.repo import worktree
from generator.repo.commit import commit, prepare
from generator.repo.git.checkout import checkout

if TYPE_CHECKING:
    from pathlib import Path

    from generator.cli.main import Invocation

_LISTED: Final = 20


@new_command("commit")
@click.option("-m", "--message", "subject", help="The first line of the message.  [default: what changed]")
@click.option("--push", is_flag=True, help="Also push it, rebased onto the remote branch.")
@click.option("--remote", default="origin", show_default=True, help="The remote for --push.")
@click.option("--branch", help="The branch of the remote.  [default: the checked-out branch]")
@dry_run_option
@no_cache_option
@click.pass_obj
def command(
    invocation: Invocation, /, *, subject: str | None, push: bool, remote: str, branch: str | None, dry_run: bool
) -> None:
    """Render, validate, and commit services/ and rendered/. Other changed or staged files are not committed.

    With --push: if others pushed first, the specs are merged by their content, rendered again on top of the others'
    commits and checked again. If two changes contradict each other, or are invalid together, the command fails.

    \b
    Examples:
      servegen commit
      servegen commit --push -m "detector 2026112 for prod"
    """
    branch = pushed_branch(branch, push=push)
    root = worktree.find_root(invocation.folder)
    if dry_run:
        _show(root, subject)
        return
    done = commit(root, subject=subject, push=push, remote=remote, branch=branch, log=echo, find_effects=commit_effects)
    if done.commit is None:
        echo("nothing to commit: services/ and rendered/ are the same as in HEAD")


def _show(root: Path, subject: str | None) -> None:
    git = Git(root)
    ready = prepare(root, git, checkout(git), subject, commit_effects)
    written = [*ready.tree.created, *ready.tree.updated]
    lines = [*(f"would write   {name}" for name in written), *(f"would delete  {name}" for name in ready.tree.deleted)]
    more = [f"and {len(lines) - _LISTED} more"] if len(lines) > _LISTED else []
    echo("\n".join([*lines[:_LISTED], *more, *([""] if lines else []), ready.message.rstrip()]))

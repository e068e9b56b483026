"""The `servegen verify` command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from generator.cli.common import command as new_command
from generator.cli.common import no_cache_option, progress
from generator.cli.terminal import echo
from generator.core.errors import ToolError
from generator.core.programs import explain_absence, find
from generator.core.programs.fitness import UnfitProgramError, require_fit
from generator.core.programs.git import Git
from generator.core.programs.go_programs import install_hint
from generator.core.programs.kustomize_probe import probe
from generator.repo import worktree
from generator.repo.git.checkout import commit_of
from generator.repo.verify import verify

if TYPE_CHECKING:
    from pathlib import Path

    from generator.cli.main import Invocation

_WITHOUT: Final = "--no-build does not need it"


@new_command("verify")
@click.argument("revision", default="HEAD")
@click.option("--no-build", is_flag=True, help="Only compare the files; do not run `kustomize build`.")
@no_cache_option
@click.pass_obj
def command(invocation: Invocation, *, revision: str, no_build: bool) -> None:
    """Verify that rendered/ of a commit is what its specs give, and that kustomize builds the expected objects.

    REVISION is a commit, a branch or a tag; the work tree is neither read nor changed.

    \b
    Examples:
      servegen verify                what CI runs on main
      servegen verify v1.4.0
    """
    root = worktree.find_root(invocation.folder)
    git = Git(root)
    commit = commit_of(git, revision)
    kustomize = None if no_build else _kustomize()
    with progress() as advance:
        done = verify(git, commit, kustomize=kustomize, progress=advance)
    echo(f"{commit[:9]}: {done.files} files are byte for byte what the specs render")
    if kustomize is not None:
        echo(f"{commit[:9]}: kustomize builds {done.folders} folders to the expected {done.objects} objects")


def _kustomize() -> Path:
    """Return the path of kustomize. Raises ToolError if it is missing or does not work."""
    found = find("kustomize")
    if found is None:
        raise ToolError(explain_absence("kustomize"), hint=f"{install_hint('kustomize')}; {_WITHOUT}")
    try:
        require_fit("kustomize", found, probe)
    except UnfitProgramError as error:
        raise ToolError(str(error), hint=f"{error.hint}; {_WITHOUT}") from None
    return found

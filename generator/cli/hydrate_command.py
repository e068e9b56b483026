"""The `servegen hydrate` command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from generator.cli import completion
from generator.cli.common import command as new_command
from generator.cli.dry_run import DRY_RUN, dry_run_option
from generator.cli.terminal import echo
from generator.core.errors import UsageError
from generator.core.programs.git import Git
from generator.fleet.lookup import find_environment
from generator.repo import worktree
from generator.repo.git.branch_name import check_branch_name
from generator.repo.git.checkout import checkout, commit_of, read_files
from generator.repo.git.remote import Remote, destination
from generator.repo.hydrate import HydrationTarget, hydrate, rendered_entries
from generator.repo.hydrator_metadata import branch_files
from generator.repo.repository import Repository
from generator.repo.specs_commit import SpecsCommit
from generator.spec.platform import delivery_of

if TYPE_CHECKING:
    from generator.cli.main import Invocation
    from generator.fleet.model import Fleet

_PLACE: Final = "{environment}"
_BRANCH: Final = f"environments/{_PLACE}"
_SAID: Final = {
    "written": "{branch}: {commit} holds {environment} as of {dry}",
    "unchanged": "{branch}: {environment} has not changed, the branch stays at {commit}",
    "pending": "{branch}: would hold {environment} as of {dry}",
    "later": "{branch}: unchanged, because {commit} was made from a later commit than {dry}",
}


@new_command("hydrate")
@click.argument("revision", required=False)
@click.option(
    "-e",
    "--environment",
    "environments",
    multiple=True,
    shell_complete=completion.environments,
    help="Only this environment. May be repeated.",
)
@click.option(
    "--branch", help=f"The names of the branches. Default: the setting of `delivery` in platform.yaml, or {_BRANCH}"
)
@click.option("--propose", is_flag=True, help="Write <branch>-next, to be merged by a pull request or gitops-promoter.")
@click.option("--back", is_flag=True, help="Also go back to a REVISION that is earlier than what a branch holds.")
@click.option("--push", is_flag=True, help="Write the branches of the remote instead of those of this clone.")
@click.option("--remote", default="origin", show_default=True, help="The remote that --push writes.")
@dry_run_option
@click.pass_obj
def command(
    invocation: Invocation,
    /,
    *,
    revision: str | None,
    environments: tuple[str, ...],
    branch: str | None,
    propose: bool,
    push: bool,
    remote: str,
    back: bool,
    dry_run: bool,
) -> None:
    """Write a branch for each environment with the files that it syncs as of REVISION, for promotion by pull request.

    A branch holds the environment's part of rendered/ in that commit, and hydrator.metadata: the contract of Argo CD's
    hydrator, gitops-promoter and Kargo. Other files of the branch, the work tree and the index are not changed.

    REVISION is HEAD by default, and a branch that was made from a later commit is then left as it is. For a REVISION
    that you name, that is an error. --back makes a new commit with the earlier content; the next run for a later commit
    goes forward again, so revert the specs, too.

    \b
    Examples:
      servegen hydrate                                  in this clone, all environments
      servegen hydrate --propose --push                 what CI runs on main
      servegen hydrate -e prod --branch 'deploy/{environment}' v1.4.0
      servegen hydrate --push -e prod --back v1.4.0     prod goes back to an earlier release
    """
    root = worktree.find_root(invocation.folder)
    git = Git(root)
    here = checkout(git)
    dry = (here.head if revision is None else None) or commit_of(git, "HEAD" if revision is None else revision)
    repository = Repository.at(root, read_files(git, dry, "services", dry))
    fleet = repository.fleet
    rendered, source = rendered_entries(git, dry), SpecsCommit(git, dry)
    left = []
    for name in _chosen(fleet, environments):
        delivery = delivery_of(fleet.platform, fleet.contexts[name].cluster)
        target = HydrationTarget(_branch(git, branch, delivery.revision, name), remote if push else None, propose, back)
        if push:
            destination(git, here, Remote(remote, target.branch))
        files = branch_files(rendered, fleet, repository.routing, name)
        done = hydrate(git, here.prefix, source, files, delivery.repository or "", target, dry_run=dry_run)
        echo(_SAID[done.state].format(branch=done.branch, commit=done.commit[:9], environment=name, dry=dry[:9]))
        left += [done.branch] if done.state == "later" else []
    if left and revision is not None:
        hint = f"--back writes the content of {revision} as a new commit"
        raise UsageError(f"{', '.join(left)} did not go back to {revision}", hint=hint)
    if dry_run:
        echo(DRY_RUN)


def _chosen(fleet: Fleet, wanted: tuple[str, ...]) -> tuple[str, ...]:
    """Return the requested environments, by default all. Raises UsageError if one does not exist."""
    return tuple(find_environment(fleet, name) for name in wanted) or tuple(fleet.environments)


def _branch(git: Git, given: str | None, synced: str, environment: str) -> str:
    """Return the name of an environment's branch.

    It follows --branch, else the revision that its cluster syncs if that contains `{environment}`, else the default.
    Raises UsageError if the name does not contain the environment or is invalid.
    """
    pattern = given or (synced.removeprefix("refs/heads/") if _PLACE in synced else _BRANCH)
    if _PLACE not in pattern:
        raise UsageError(f"--branch: {pattern} does not contain {_PLACE}", hint=f"for example {_BRANCH}")
    return check_branch_name(git, pattern.replace(_PLACE, environment))
